"""Ballots that a caller brings: which snapshot, panel and rubric they are reconciled by, and the ruler."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from moa_scorer.aggregation.own import criteria_by_judge, is_own, own_panel, own_rubric
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.ballot import Abstention
from moa_scorer.domain.errors import InvalidRequest, NotFound, Violation
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.raw_ballot import RawBallot
from moa_scorer.domain.record import PlanRecord
from moa_scorer.domain.request import ReconcileRequest
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Ruling, Verdict
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.plan import calibration_digest, expected, planned_ruler, quorum_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A request to reconcile with every name resolved and its ruler known."""

    request: ReconcileRequest
    panel: Panel
    rubric: Rubric
    policy: Policy | None
    floor: Policy | None = None
    """The server's own, which the request's policy cannot loosen."""
    quorum: int
    snapshot: Snapshot | None = field(repr=False)
    """None when nobody has rated for this rubric and panel."""
    ruler: str
    """Digest of everything that makes the number but the judges, who are the caller's own."""
    calibration: str
    """Digest of the snapshot, else of the reference quantiles."""

    def record(self) -> PlanRecord:
        """The plan as a value: nobody is asked."""
        return PlanRecord(
            panel=self.panel,
            rubric=self.rubric,
            policy=self.policy,
            floor=self.floor,
            snapshot=self.snapshot.revision if self.snapshot else "",
            calibration=self.calibration,
            quorum=self.quorum,
            ruler=self.ruler,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One item's result and what it rests on."""

    request: ReconcileRequest
    plan: PlanRecord
    facts: Facts
    verdict: Verdict
    ruling: Ruling


def resolve(request: ReconcileRequest, catalog: Catalog) -> Brought:
    """Resolves a request; raises NotFound, InvalidRequest with every violation, or RulerMismatch."""
    panel, rubric, snapshot = _calibration(request, catalog)
    policy = catalog.policy(request.tenant, request.policy) if request.policy else None
    if strange := tuple(_strange(request, panel, snapshot)):
        raise InvalidRequest(strange)
    ruler = planned_ruler(rubric, panel, (), snapshot, catalog)
    return Brought(
        request=request,
        panel=panel,
        rubric=rubric,
        policy=policy,
        floor=catalog.floor,
        quorum=quorum_of(request.quorum, panel),
        snapshot=snapshot,
        ruler=expected(request.expected_ruler, ruler),
        calibration=calibration_digest(snapshot, catalog),
    )


def strange_names(request: ReconcileRequest, catalog: Catalog) -> tuple[Violation, ...]:
    """The judges and criteria that nobody rated; raises NotFound."""
    panel, _, snapshot = _calibration(request, catalog)
    return tuple(_strange(request, panel, snapshot))


def _calibration(request: ReconcileRequest, catalog: Catalog) -> tuple[Panel, Rubric, Snapshot | None]:
    if request.snapshot:
        snapshot = catalog.snapshot(request.snapshot)
        return *fitted_for(snapshot, catalog, request.tenant), snapshot
    kind = request.content.kind
    panel = catalog.panel(request.tenant, request.panel)
    rubric = catalog.rubric(request.tenant, request.rubric or panel.rubric_for(kind))
    return panel, rubric, catalog.snapshot_for(rubric, panel, kind)


def fitted_for(snapshot: Snapshot, catalog: Catalog, tenant: Tenant) -> tuple[Panel, Rubric]:
    """The panel and rubric of a snapshot: the catalogue's, or those that a snapshot of own judges brings."""
    try:
        return catalog.panel(tenant, snapshot.panel), catalog.rubric(tenant, snapshot.rubric)
    except NotFound:
        if not is_own(snapshot):
            raise
        return own_panel(snapshot), own_rubric(snapshot)


def _strange(request: ReconcileRequest, panel: Panel, snapshot: Snapshot | None) -> Iterator[Violation]:
    """Judges that are not of the panel, and criteria that the snapshot never saw of them."""
    known = criteria_by_judge(snapshot) if snapshot else {}
    for i, ballot in enumerate(request.ballots):
        if ballot.judge not in panel.judges:
            words = f"is no judge of panels/{panel.revision}; they are {_listed(panel.judges)}"
            yield Violation(f"ballots[{i}].judge", words)
        elif not set(ballot.read) <= set(panel.before(ballot.judge)):
            yield Violation(f"ballots[{i}].read", "names a judge that sits in no earlier layer")
        else:
            yield from _strange_criteria(f"ballots[{i}]", ballot, known.get(ballot.judge, ()))


def _strange_criteria(field: str, ballot: RawBallot, rated: Sequence[str]) -> Iterator[Violation]:
    for k, criterion in enumerate(_answered(ballot)):
        if rated and criterion not in rated:
            words = f"is nothing that this judge was rated on; that is {_listed(rated)}"
            yield Violation(f"{field}.answers[{k}].criterion", words)


def _answered(ballot: RawBallot) -> tuple[str, ...]:
    return () if isinstance(ballot.outcome, Abstention) else tuple(ballot.outcome)


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
