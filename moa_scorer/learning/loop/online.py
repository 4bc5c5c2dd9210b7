"""The learning loop on a server's own records: ratings -> candidate -> gate -> promotion."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.rating import RatingStore
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.stores import RecordStore
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.learning.loop.flips import Flips
from moa_scorer.learning.loop.gate import Gate


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
    notes: tuple[str, ...] = ()
    """What was left out, and why: a sentence each."""


async def calibrate(
    records: RecordStore,
    ratings: RatingStore,
    order: CalibrationOrder,
    now: datetime,
    *,
    executor: Executor | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> CalibrationOutcome:
    """Fits a candidate where one is due, measures it on the audit, and lets it serve if it passes.

    What computes runs in `executor` (None = the loop's threads; a pool of processes spares the event loop).
    `tell` is called with a few words at every step. After a PROMOTED the catalogue has to be read again.
    Raises StorageUnavailable and ConfigurationError.
    """
    raise NotImplementedError
