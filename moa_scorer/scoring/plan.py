"""What will be asked of whom, settled before any judge is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from moa_scorer.aggregation.reconcile import AGGREGATOR
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.errors import InvalidRequest, RulerMismatch, Violation
from moa_scorer.domain.judge import Estimate, Judge
from moa_scorer.domain.panel import Layer, Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.record import LayerPlan, PlanRecord
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.ruler import digest, ruler
from moa_scorer.domain.stopping import Stopping
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.layers import PlannedLayer, one_after_another, planned_layers
from moa_scorer.scoring.left_out import left_out
from moa_scorer.scoring.routing import routed
from moa_scorer.scoring.seats import seated

_PanelParts = tuple[str, tuple[str, ...], int, tuple[Layer, ...], tuple[tuple[str, str], ...], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A request with every name resolved and its ruler known."""

    request: ScoreRequest
    panel: Panel
    rubric: Rubric
    policy: Policy | None
    floor: Policy | None = None
    """The server's own, which the request's policy cannot loosen."""
    measured: bool = False
    """Whether a snapshot in the shadow has a use for the text's measures."""
    judges: tuple[Judge, ...]
    """In panel order, those left out included."""
    judge_revisions: Mapping[str, str]
    """Judge -> the revision that a snapshot knows it by, in panel order."""
    left_out: tuple[Ballot, ...]
    """Judges that will not be asked, in panel order, each with why."""
    layers: tuple[PlannedLayer, ...]
    """Who will be asked, layer by layer."""
    stopping: Stopping | None = None
    """When a tier is not asked; None = the panel has no tiers, or without a policy all are asked."""
    quorum: int
    snapshot: Snapshot | None = field(repr=False)
    """None when nobody has rated for this rubric and panel."""
    ruler: str
    """Digest of everything that makes the number."""
    estimate: Estimate
    """Seconds on idle machines, layer after layer, and the most money."""
    calibration: str
    """Digest of the snapshot, else of the reference quantiles."""
    reference: str
    """Digest of the reference quantiles."""

    def record(self) -> PlanRecord:
        """The plan as a value."""
        return PlanRecord(
            panel=self.panel,
            rubric=self.rubric,
            policy=self.policy,
            floor=self.floor,
            snapshot=self.snapshot.revision if self.snapshot else "",
            calibration=self.calibration,
            reference=self.reference,
            judge_revisions=self.judge_revisions,
            layers=tuple(_layer(planned) for planned in self.layers),
            stopping=self.stopping,
            left_out=self.left_out,
            quorum=self.quorum,
            ruler=self.ruler,
            estimate=self.estimate,
        )


def _layer(planned: PlannedLayer) -> LayerPlan:
    return LayerPlan(
        layer=planned.layer,
        judges=tuple(judge.profile.name for judge in planned.judges),
        share=planned.share,
        estimate=planned.estimate,
    )


def make_plan(request: ScoreRequest, catalog: Catalog) -> Plan:
    """Resolves a request; raises NotFound, InvalidRequest or RulerMismatch."""
    panel = routed(request, catalog)
    rubric = catalog.rubric(request.tenant, request.rubric or panel.rubric_for(request.content.kind))
    policy = catalog.policy(request.tenant, request.policy) if request.policy else None
    return plan_of(request, catalog, panel=panel, rubric=rubric, policy=policy)


def plan_of(
    request: ScoreRequest,
    catalog: Catalog,
    *,
    panel: Panel,
    rubric: Rubric,
    policy: Policy | None,
    kept: Collection[str] = (),
) -> Plan:
    """The plan for a panel, a rubric and a policy that are known; raises as `make_plan`.

    Judges of `kept` have their ballots already: they are neither asked nor left out.
    """
    judges = seated(panel, catalog)
    snapshot = catalog.snapshot_for(rubric, panel, request.content.kind)
    quorum = quorum_of(request.quorum, panel)
    open_to = [judge for judge in judges if judge.profile.name not in kept]
    estimates = {judge.profile.name: judge.estimate(request.content) for judge in open_to}
    absent = left_out(open_to, estimates, request, panel, quorum, catalog.masked(panel, snapshot))
    layers = planned_layers(panel, judges, estimates, {*absent, *kept})
    out = [name for name in panel.judges if name in absent and name not in kept]
    return Plan(
        request=request,
        panel=panel,
        rubric=rubric,
        policy=policy,
        floor=catalog.floor,
        measured=catalog.shadows.look_at(rubric.revision, panel.revision),
        judges=judges,
        judge_revisions={judge.profile.name: judge.profile.calibrated_as for judge in judges},
        left_out=tuple(Ballot(judge=name, outcome=absent[name]) for name in out),
        layers=layers,
        stopping=catalog.stopping(panel, policy, snapshot) if panel.tiers and policy else None,
        quorum=quorum,
        snapshot=snapshot,
        ruler=expected(request.expected_ruler, planned_ruler(rubric, panel, judges, snapshot, catalog)),
        estimate=one_after_another(layers),
        calibration=calibration_digest(snapshot, catalog),
        reference=catalog.reference.digest,
    )


def expected(wanted: str, planned: str) -> str:
    """The planned ruler, where it is the wanted one or none is wanted; raises RulerMismatch."""
    if wanted and wanted != planned:
        raise RulerMismatch(wanted, planned)
    return planned


def calibration_digest(snapshot: Snapshot | None, catalog: Catalog) -> str:
    """What the curves are: the snapshot's digest, without one that of the reference quantiles."""
    return snapshot.digest if snapshot else catalog.reference.digest


def planned_ruler(
    rubric: Rubric, panel: Panel, judges: Sequence[Judge], snapshot: Snapshot | None, catalog: Catalog
) -> str:
    """The ruler of a rubric and panel; without a snapshot the reference quantiles take its place."""
    revisions = tuple((judge.profile.name, judge.profile.revision) for judge in judges)
    return _ruler(rubric, _makes_the_number(panel), revisions, calibration_digest(snapshot, catalog))


def _makes_the_number(panel: Panel) -> _PanelParts:
    """All of a panel but its words and its choice of rubrics."""
    return panel.revision, panel.judges, panel.quorum, panel.layers, tuple(panel.seats.items()), panel.writer


@lru_cache(maxsize=256)
def _ruler(rubric: Rubric, panel: _PanelParts, judges: tuple[tuple[str, str], ...], calibration: str) -> str:
    """Remembered: the same few rubrics and panels come back with every request."""
    revision, names, quorum, layers, seats, writer = panel
    return ruler(
        rubric=digest(asdict(rubric)),
        panel=digest([revision, names, quorum, [asdict(layer) for layer in layers], seats, writer]),
        judges=dict(judges),
        aggregator=AGGREGATOR,
        snapshot=calibration,
    )


def quorum_of(wanted: int | None, panel: Panel) -> int:
    """The quorum asked for, else the panel's; raises InvalidRequest for one that no panel of its size has."""
    if wanted is None:
        return panel.quorum
    if not 1 <= wanted <= len(panel.judges):
        words = f"must be from 1 to {len(panel.judges)}, the judges of panels/{panel.revision}"
        raise InvalidRequest((Violation("quorum", words),))
    return wanted
