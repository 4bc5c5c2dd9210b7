"""The learning loop on a server's own records: ratings -> candidate -> gate -> promotion."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Final

from moa_scorer.calibration.files import write_snapshot
from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.rating import RatingFilter, RatingStore, Stream
from moa_scorer.domain.record import Record
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.stores import RecordFilter, RecordStore
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.domain.verdict import Decision
from moa_scorer.learning.fitting.fitted_study import Fitting, fit_study
from moa_scorer.learning.fitting.purpose import Purpose
from moa_scorer.learning.loop.alone import alone_in
from moa_scorer.learning.loop.anchored import NOTHING, Anchored, anchored
from moa_scorer.learning.loop.audit_groups import groups_of
from moa_scorer.learning.loop.due import due, instant_of, latest, stepped_back, why_not
from moa_scorer.learning.loop.flips import Flips
from moa_scorer.learning.loop.flips_of_records import flips_of_records
from moa_scorer.learning.loop.gate import Gate, gate
from moa_scorer.learning.loop.gate import Outcome as GateOutcome
from moa_scorer.learning.loop.on_scales import table_on
from moa_scorer.learning.loop.promotion import (
    Act,
    PromotionRefused,
    Shelf,
    comparable,
    open_alarms,
    open_doubts,
    open_shelf,
    promote,
)
from moa_scorer.learning.study.stored import Aim, RatedRecord, decided, rated_records, study_of
from moa_scorer.learning.study.study import Study

CANDIDATES: Final = "candidates"
"""Folder beside the snapshots for those that wait."""
NO_AUDIT: Final = "no record of the random audit is rated"
RATE_AUDITS: Final = "rate records of the audit, which every plan of ratings names first, and calibrate again"
"""What to do about an audit that is too small."""
OTHER_SERVES: Final = "another snapshot has come into force since it was measured: calibrate again"
COMPARED: Final = 300
"""Newest records whose decisions are compared before and after."""


class Step(StrEnum):
    """How far a calibration came."""

    NOT_DUE = "not_due"
    """Too few new ratings, and no alarm is open: nothing was fitted."""
    NOT_FITTED = "not_fitted"
    """What is rated does not allow a fit."""
    REFUSED = "refused"
    """The candidate is worse on the audit than what serves."""
    UNDECIDED = "undecided"
    """The audit is too small to say that the candidate is not worse."""
    WAITING = "waiting"
    """A judge was found to score the other way: a person has to accept that."""
    PROMOTED = "promoted"
    """The candidate serves whoever pins no revision, from the next reload of the catalogue on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationOrder:
    """What is to be calibrated, and where the result goes."""

    rubric: Rubric
    panel: Panel
    kind: str
    """Kind of content, not empty."""
    language: str = ""
    """ISO 639-1 code; empty = any."""
    folder: Path
    """The folder `snapshots` of the catalogue that is written to."""
    served: Sequence[Snapshot] = ()
    """Every snapshot of the catalogue for this rubric, kind and panel, wherever its file stands."""
    state: SnapshotState = field(default_factory=SnapshotState)
    """What was decided about them."""
    revisions: Mapping[str, str] = field(default_factory=dict)
    """Judge of the panel -> the revision that it has now: ballots of another are not fitted on."""
    fixed: frozenset[str] = frozenset()
    """Judges of the panel that answer alike while their revision is the same: those of the own process."""
    reference: Reference = EMPTY_REFERENCE
    policies: tuple[Policy, ...] = ()
    """Whose decisions are compared before and after."""
    tenant: Tenant = DEFAULT_TENANT
    who: str = "moa-scorer"
    """Kept in the lineage."""
    accepted: tuple[str, ...] = ()
    """Judges whose scores the other way round are accepted."""
    even_if_not_due: bool = False
    seed: int = 0

    @property
    def name(self) -> str:
        """`rubric.kind.panel`, as in the revisions of its snapshots."""
        return f"{self.rubric.name}.{self.kind}.{self.panel.name}"

    @property
    def serving(self) -> Snapshot | None:
        """What unpinned callers get now."""
        versions = {s.version: s for s in self.served}
        return versions.get(self.state.serving or max(versions, default=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationOutcome:
    """What a calibration came to. Plain values but for the gate and the flips."""

    step: Step
    words: str
    """What happened and what to do next, in sentences."""
    name: str
    """`rubric.kind.panel`."""
    parent: str = ""
    """Revision that served before; empty = none did."""
    candidate: str = ""
    """Revision of the candidate; empty = nothing was fitted."""
    file: str = ""
    """Where the candidate's file stands; empty = nothing was fitted."""
    new_ratings: int = 0
    """Ratings since the parent was fitted."""
    fitted: int = 0
    """Items that the candidate was fitted on."""
    audited: int = 0
    """Items of the audit."""
    gate: Gate | None = None
    """None where nothing served before, or nothing was fitted."""
    flips: tuple[Flips, ...] = ()
    """For each policy the decisions that the promotion changes."""
    reversed_judges: tuple[str, ...] = ()
    anchored: Anchored = NOTHING
    """What the ratings since the serving snapshot tell of judges and items; a promotion closes it."""
    notes: tuple[str, ...] = ()
    """What was left out, and why: a sentence each."""


Promoting = Callable[[CalibrationOutcome], Awaitable[None]]
"""Told of a candidate that is about to serve; what it raises leaves all as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that a calibration looks at, read from disk: what follows only computes."""

    order: CalibrationOrder
    now: datetime
    rated: tuple[RatedRecord, ...]
    frame: Mapping[Decision, int]
    recent: tuple[Record, ...]
    """The newest records, rated or not, whose decisions are compared."""
    new_ratings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What computing has come to."""

    outcome: CalibrationOutcome
    candidate: Snapshot | None = None
    """None = nothing was fitted."""


async def calibrate(
    records: RecordStore,
    ratings: RatingStore,
    order: CalibrationOrder,
    now: datetime,
    *,
    executor: Executor | None = None,
    tell: Callable[[str], None] = lambda _: None,
    promoting: Promoting | None = None,
) -> CalibrationOutcome:
    """Fits a candidate where one is due, measures it on the audit, and lets it serve if it passes.

    What computes runs in `executor` (None = the loop's threads; a pool of processes spares the event loop).
    `tell` is called with a few words at every step, and `promoting` before a candidate takes over. After a
    PROMOTED the catalogue has to be read again. Raises StorageUnavailable and ConfigurationError.
    """
    tell("counting new ratings")
    back = await asyncio.to_thread(stepped_back, order.folder, order.name)
    new = await _new_ratings(ratings, order, back)
    anchors = await rated_records(records, ratings, _since(order)) if order.serving else ()
    loop = asyncio.get_running_loop()
    news = await loop.run_in_executor(executor, told_by, order, anchors, now) if anchors else NOTHING
    state = await asyncio.to_thread(_alarmed, order, news, now)
    if not (order.even_if_not_due or due(new, state, back)):
        return replace(_not_due(order, new, why_not(new, back)), anchored=news)
    tell("reading rated records")
    gathered = Gathered(
        order=order,
        now=now,
        rated=await rated_records(records, ratings, _all_ratings(order)),
        frame=await decided(records, _all_records(order)),
        recent=tuple(await records.page(_all_records(order), COMPARED, damaged=lambda _: None)),
        new_ratings=new,
    )
    tell("fitting and checking a candidate")
    measured = await loop.run_in_executor(executor, measure, gathered)
    if promoting is not None and may_serve(measured):
        await promoting(measured.outcome)
    outcome = await asyncio.to_thread(settle, measured, order, now)
    return replace(outcome, anchored=news)


async def rated_study(records: RecordStore, ratings: RatingStore, order: CalibrationOrder) -> Study:
    """What a calibration fits on and checks by; raises StorageUnavailable."""
    rated = await rated_records(records, ratings, _all_ratings(order))
    return study_of(rated, _aim(order), await decided(records, _all_records(order)))


def told_by(order: CalibrationOrder, anchors: Sequence[RatedRecord], now: datetime) -> Anchored:
    """What the anchors tell, where the serving snapshot is of the order's rubric and panel."""
    snapshot = comparable(order.serving, order.rubric.revision, order.panel.revision)
    if snapshot is None:
        return NOTHING
    study = study_of(anchors, _aim(order), {})
    return anchored(snapshot, study, order.fixed, since=_instant(now), seed=order.seed)


def _alarmed(order: CalibrationOrder, news: Anchored, now: datetime) -> SnapshotState:
    """The state with the news in it, on disk; that of the order where there are none."""
    if not news:
        return order.state
    act = Act(who=order.who, at=_instant(now))
    with alone_in(order.folder):
        shelf = open_alarms(open_shelf(order.folder, order.name, order.served), news.alarms, act)
        return open_doubts(shelf, news.doubts, act).state


def measure(gathered: Gathered) -> Measured:
    """The part of a calibration that computes, and writes nothing; raises ConfigurationError."""
    order = gathered.order
    study = study_of(gathered.rated, _aim(order), gathered.frame)
    shelf = open_shelf(order.folder, order.name, order.served)
    parent = comparable(shelf.serving, order.rubric.revision, order.panel.revision)
    usual = _outcome(gathered, study, parent)
    try:
        candidate = _candidate(study, gathered, shelf)
    except ValueError as error:
        return Measured(outcome=replace(usual, words=f"nothing was fitted: {error}"))
    fitted = replace(usual, candidate=candidate.revision, reversed_judges=candidate.reversed_judges)
    audit = [item.id for item in study.items if item.audit]
    if parent is None or not audit:
        return Measured(outcome=fitted, candidate=candidate)
    found = _gate(parent, candidate, study.take(audit), order)
    flips = tuple(
        flips_of_records(parent, candidate, gathered.recent, policy, order.reference)
        for policy in order.policies
    )
    return Measured(outcome=replace(fitted, gate=found, flips=flips), candidate=candidate)


def may_serve(measured: Measured) -> bool:
    """Whether the candidate passed, or nothing serves that it could be compared with."""
    gate = measured.outcome.gate
    if gate is None:
        return measured.candidate is not None and not measured.outcome.parent
    return gate.outcome is GateOutcome.PASS


def settle(measured: Measured, order: CalibrationOrder, now: datetime) -> CalibrationOutcome:
    """The candidate promoted, or kept aside with why it is not; raises ConfigurationError."""
    if measured.candidate is None:
        return measured.outcome
    with alone_in(order.folder):
        return _settled(measured.outcome, measured.candidate, order, now)


def _settled(
    outcome: CalibrationOutcome, candidate: Snapshot, order: CalibrationOrder, now: datetime
) -> CalibrationOutcome:
    shelf = open_shelf(order.folder, order.name, order.served)
    if held_back := _held_back(outcome, shelf, order):
        return _aside(outcome, *held_back, candidate, order)
    act = Act(who=order.who, at=_instant(now), note=f"{outcome.new_ratings} new ratings")
    try:
        after = promote(shelf, candidate, outcome.gate, act, accepted=order.accepted)
    except PromotionRefused as error:
        return _aside(outcome, Step.WAITING, str(error), candidate, order)
    revision = f"{after.name}@{after.state.serving}"
    return replace(
        outcome,
        step=Step.PROMOTED,
        words=f"{revision} serves whoever pins no revision",
        candidate=revision,
        file=str(order.folder / f"{revision}.json.gz"),
    )


def _held_back(outcome: CalibrationOutcome, shelf: Shelf, order: CalibrationOrder) -> tuple[Step, str] | None:
    """Why the candidate may not serve; None = it may, as far as what was measured goes."""
    serving = comparable(shelf.serving, order.rubric.revision, order.panel.revision)
    if outcome.parent != (serving.revision if serving else ""):
        return Step.UNDECIDED, OTHER_SERVES
    if outcome.parent and outcome.gate is None:
        return Step.UNDECIDED, f"{NO_AUDIT}: {RATE_AUDITS}"
    if outcome.gate is None or outcome.gate.outcome is GateOutcome.PASS:
        return None
    why = "; ".join(outcome.gate.reasons)
    if outcome.gate.outcome is GateOutcome.FAIL:
        return Step.REFUSED, f"{why}: the present snapshot stays"
    return Step.UNDECIDED, f"{why}; {RATE_AUDITS}"


def _aside(
    outcome: CalibrationOutcome, step: Step, words: str, candidate: Snapshot, order: CalibrationOrder
) -> CalibrationOutcome:
    """The candidate where a person finds it; it serves nobody from there."""
    folder = order.folder / CANDIDATES
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{candidate.revision}.json.gz"
    write_snapshot(candidate, path)
    return replace(outcome, step=step, words=words, file=str(path))


def _candidate(study: Study, gathered: Gathered, shelf: Shelf) -> Snapshot:
    """Raises ValueError where nothing can be fitted."""
    order = gathered.order
    fitting = Fitting(
        created=_instant(gathered.now),
        code=f"moa-scorer {version('moa-scorer')}",
        purpose=Purpose(
            rubric=order.rubric, panel=order.panel, revisions=order.revisions, reference=order.reference
        ),
        seed=order.seed,
        version=max(shelf.snapshots, default=0) + 1,
        checked=False,
    )
    return fit_study(study, fitting).snapshot


def _gate(parent: Snapshot, candidate: Snapshot, audit: Study, order: CalibrationOrder) -> Gate:
    languages = (order.language, *candidate.languages, *parent.languages, "en")
    return gate(
        parent,
        candidate,
        table_on(audit, candidate.scales),
        order.rubric,
        order.panel,
        kind=order.kind,
        language=next(filter(None, languages)),
        groups=groups_of(audit.items),
    )


def _outcome(gathered: Gathered, study: Study, parent: Snapshot | None) -> CalibrationOutcome:
    audited = sum(item.audit for item in study.items)
    return CalibrationOutcome(
        step=Step.NOT_FITTED,
        words="",
        name=gathered.order.name,
        parent=parent.revision if parent else "",
        new_ratings=gathered.new_ratings,
        fitted=len(study.items) - audited,
        audited=audited,
        notes=study.notes,
    )


def _not_due(order: CalibrationOrder, new: int, words: str) -> CalibrationOutcome:
    return CalibrationOutcome(
        step=Step.NOT_DUE,
        words=words,
        name=order.name,
        parent=order.serving.revision if order.serving else "",
        new_ratings=new,
    )


async def _new_ratings(ratings: RatingStore, order: CalibrationOrder, back: datetime | None) -> int:
    """Ratings that a fit would learn from, since the serving snapshot was fitted or gone back to."""
    streams = tuple(stream for stream in Stream if stream is not Stream.AUDIT)
    after = latest((_fitted_at(order.serving), back))
    return await ratings.count(replace(_all_ratings(order), received_after=after, streams=streams))


def _since(order: CalibrationOrder) -> RatingFilter:
    """Ratings that the serving snapshot cannot know."""
    return replace(_all_ratings(order), received_after=_fitted_at(order.serving))


def _fitted_at(snapshot: Snapshot | None) -> datetime | None:
    """When, in UTC; None where there is none, or it does not say."""
    return instant_of(snapshot.provenance.created) if snapshot else None


def _all_ratings(order: CalibrationOrder) -> RatingFilter:
    return RatingFilter(
        tenant=order.tenant, rubric=order.rubric.revision, panel=order.panel.revision, kind=order.kind
    )


def _all_records(order: CalibrationOrder) -> RecordFilter:
    return RecordFilter(tenant=order.tenant, rubric=order.rubric.revision, panel=order.panel.revision)


def _aim(order: CalibrationOrder) -> Aim:
    return Aim(
        rubric=order.rubric,
        panel=order.panel,
        kind=order.kind,
        language=order.language,
        revisions=order.revisions,
    )


def _instant(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds")
