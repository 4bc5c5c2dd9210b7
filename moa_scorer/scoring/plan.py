"""What will be asked of whom, settled before any judge is."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from moa_scorer.aggregation.reconcile import AGGREGATOR
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.errors import InvalidRequest, RulerMismatch, Violation
from moa_scorer.domain.judge import Estimate, Judge
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.ruler import digest, ruler
from moa_scorer.scoring.catalog import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A request with every name resolved and its ruler known."""

    request: ScoreRequest
    panel: Panel
    rubric: Rubric
    policy: Policy | None
    judges: tuple[Judge, ...]
    """In panel order."""
    judge_revisions: Mapping[str, str]
    """Judge -> the revision that a snapshot knows it by, in panel order."""
    quorum: int
    snapshot: Snapshot | None = field(repr=False)
    """None when nobody has rated for this rubric and panel."""
    ruler: str
    """Digest of everything that makes the number."""
    estimate: Estimate
    """CPU seconds summed over judges, and money."""


def make_plan(request: ScoreRequest, catalog: Catalog) -> Plan:
    """Resolves a request; raises NotFound, InvalidRequest or RulerMismatch."""
    panel = catalog.panel(request.tenant, request.panel)
    rubric = catalog.rubric(request.tenant, request.rubric or panel.rubric_for(request.content.kind))
    policy = catalog.policy(request.tenant, request.policy) if request.policy else None
    judges = tuple(catalog.judge(name) for name in panel.judges)
    snapshot = catalog.snapshot_for(rubric, panel, request.content.kind)
    revisions = {judge.profile.name: judge.profile.revision for judge in judges}
    planned = planned_ruler(rubric, panel, revisions, snapshot, catalog)
    if request.expected_ruler and request.expected_ruler != planned:
        raise RulerMismatch(request.expected_ruler, planned)
    return Plan(
        request=request,
        panel=panel,
        rubric=rubric,
        policy=policy,
        judges=judges,
        judge_revisions={judge.profile.name: judge.profile.calibrated_as for judge in judges},
        quorum=_quorum(request, panel),
        snapshot=snapshot,
        ruler=planned,
        estimate=_estimate(request, judges),
    )


def planned_ruler(
    rubric: Rubric,
    panel: Panel,
    judge_revisions: Mapping[str, str],
    snapshot: Snapshot | None,
    catalog: Catalog,
) -> str:
    """The ruler of a rubric and panel; without a snapshot the reference quantiles take its place."""
    calibration = snapshot.digest if snapshot else catalog.reference.digest
    return _ruler(rubric, panel.revision, tuple(judge_revisions.items()), calibration)


@lru_cache(maxsize=256)
def _ruler(rubric: Rubric, panel: str, judges: tuple[tuple[str, str], ...], calibration: str) -> str:
    """Remembered: the same few rubrics and panels come back with every request."""
    return ruler(
        rubric=digest(asdict(rubric)),
        panel=panel,
        judges=dict(judges),
        aggregator=AGGREGATOR,
        snapshot=calibration,
    )


def _quorum(request: ScoreRequest, panel: Panel) -> int:
    if request.quorum is None:
        return panel.quorum
    if not 1 <= request.quorum <= len(panel.judges):
        wanted = f"must be from 1 to {len(panel.judges)}, the judges of panels/{panel.revision}"
        raise InvalidRequest((Violation("quorum", wanted),))
    return request.quorum


def _estimate(request: ScoreRequest, judges: tuple[Judge, ...]) -> Estimate:
    each = [judge.estimate(request.content) for judge in judges]
    return Estimate(seconds=sum(e.seconds for e in each), micro_usd=sum(e.micro_usd for e in each))
