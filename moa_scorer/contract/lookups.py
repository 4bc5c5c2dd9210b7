"""What each method of the catalogue does, message in and message out."""

from moa_scorer.api.v1 import catalog_service_pb2 as pb
from moa_scorer.api.v1 import panel_pb2
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.contract import resources
from moa_scorer.contract.access import tenant
from moa_scorer.contract.pages import page
from moa_scorer.contract.translate import bare
from moa_scorer.contract.validate import check, reference_violations
from moa_scorer.domain.judge import Judge
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.rubric import Rubric
from moa_scorer.scoring.catalog import Catalog


def get_panel(catalog: Catalog, message: pb.GetPanelRequest) -> pb.GetPanelResponse:
    """The panel of that name; raises NotFound or InvalidRequest, as every look-up here does."""
    panel = catalog.panel(tenant(), _reference("panels", message.name))
    return pb.GetPanelResponse(panel=_panel(catalog, panel))


def list_panels(catalog: Catalog, message: pb.ListPanelsRequest) -> pb.ListPanelsResponse:
    """A page of the panels; raises InvalidRequest, as every list here does."""
    entries, following = page(catalog.panels, message, _revision)
    return pb.ListPanelsResponse(
        panels=[_panel(catalog, each) for each in entries], next_page_token=following
    )


def get_rubric(catalog: Catalog, message: pb.GetRubricRequest) -> pb.GetRubricResponse:
    """The rubric of that name."""
    rubric = catalog.rubric(tenant(), _reference("rubrics", message.name))
    return pb.GetRubricResponse(rubric=resources.rubric_message(rubric))


def list_rubrics(catalog: Catalog, message: pb.ListRubricsRequest) -> pb.ListRubricsResponse:
    """A page of the rubrics."""
    entries, following = page(catalog.rubrics, message, _revision)
    return pb.ListRubricsResponse(
        rubrics=[resources.rubric_message(each) for each in entries], next_page_token=following
    )


def get_policy(catalog: Catalog, message: pb.GetPolicyRequest) -> pb.GetPolicyResponse:
    """The policy of that name."""
    policy = catalog.policy(tenant(), _reference("policies", message.name))
    return pb.GetPolicyResponse(policy=resources.policy_message(policy))


def list_policies(catalog: Catalog, message: pb.ListPoliciesRequest) -> pb.ListPoliciesResponse:
    """A page of the policies."""
    entries, following = page(catalog.policies, message, _revision)
    return pb.ListPoliciesResponse(
        policies=[resources.policy_message(each) for each in entries], next_page_token=following
    )


def get_judge(catalog: Catalog, message: pb.GetJudgeRequest) -> pb.GetJudgeResponse:
    """The judge of that name."""
    judge = catalog.judge(_reference("judges", message.name, versioned=False))
    return pb.GetJudgeResponse(judge=resources.judge_message(judge))


def list_judges(catalog: Catalog, message: pb.ListJudgesRequest) -> pb.ListJudgesResponse:
    """A page of the judges."""
    entries, following = page(tuple(catalog.judges.values()), message, _name)
    return pb.ListJudgesResponse(
        judges=[resources.judge_message(each) for each in entries], next_page_token=following
    )


def get_snapshot(catalog: Catalog, message: pb.GetSnapshotRequest) -> pb.GetSnapshotResponse:
    """The snapshot of that revision."""
    snapshot = catalog.snapshot(_reference("snapshots", message.name))
    return pb.GetSnapshotResponse(snapshot=resources.snapshot_message(snapshot))


def list_snapshots(catalog: Catalog, message: pb.ListSnapshotsRequest) -> pb.ListSnapshotsResponse:
    """A page of the snapshots."""
    entries, following = page(catalog.snapshots, message, _revision)
    return pb.ListSnapshotsResponse(
        snapshots=[resources.snapshot_message(each) for each in entries], next_page_token=following
    )


def _reference(collection: str, name: str, *, versioned: bool = True) -> str:
    check(reference_violations("name", collection, name, required=True, versioned=versioned))
    return bare(name)


def _panel(catalog: Catalog, panel: Panel) -> panel_pb2.Panel:
    default = catalog.panel(tenant(), "")
    return resources.panel_message(panel, is_default=panel.revision == default.revision)


def _revision(resource: Panel | Rubric | Policy | Snapshot) -> str:
    return resource.revision


def _name(judge: Judge) -> str:
    return judge.profile.name
