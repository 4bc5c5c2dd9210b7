"""Long work on many items that outlives the process that began it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moa_scorer.domain.job_order import Backfill, Calibration, Order
from moa_scorer.domain.tenant import Tenant


class JobKind(StrEnum):
    """What a job does."""

    BACKFILL = "backfill"
    CALIBRATION = "calibration"
    WHAT_IF = "what_if"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    """Waits for a process that has time for it."""
    RUNNING = "running"
    """Held by a process, or was until that died: then it is given to another."""
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It could not go on; `problem` says why, and resuming it may help."""

    @property
    def ended(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING)


class Problem(StrEnum):
    """Why a job could not go on."""

    COST_CEILING = "cost_ceiling"
    """The next item might cost more than what is left."""
    INPUT = "input"
    """The file is gone, has changed or cannot be read as a whole."""
    OUTPUT = "output"
    """The results cannot be written."""
    PRECONDITION = "precondition"
    """Something that it names does not exist any more, or is in a state that forbids it."""
    BUG = "bug"
    """See the log."""


class RetryClass(StrEnum):
    """Whether trying a failed item again is of use."""

    PERMANENT = "permanent"
    """No: the same would be wrong again."""
    TRANSIENT = "transient"
    """Yes, later: what it needs was not there."""
    POISON = "poison"
    """Hardly: it ended the process, or ran into a bug."""


class ItemState(StrEnum):
    """Where an item of a job stands."""

    RUNNING = "running"
    """Begun; its process may have died since."""
    SCORED = "scored"
    UNSCORED = "unscored"
    """Served, and the judges gave no score."""
    FAILED = "failed"
    """It cannot be served as it is."""
    SET_ASIDE = "set_aside"
    """It was tried as often as the job allows."""


class Place(StrEnum):
    """Who may work on a job."""

    SERVER = "server"
    """Any server process on this database."""
    COMMAND = "command"
    """Only a command that names it: its files are the caller's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where in a file a row begins."""

    index: int = 0
    """Rows before it, bad ones included."""
    line: int = 1
    """Its first line, from 1; in Parquet its row, from 1."""
    offset: int = 0
    """Byte of the plain file; rows in Parquet."""


START = Position()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is. Items are counted once, when they are settled."""

    total: int | None = None
    """Items in all; None = not known."""
    scored: int = 0
    unscored: int = 0
    failed: int = 0
    set_aside: int = 0
    calls: int = 0
    """Upstream requests sent, retries and hedges included."""
    micro_usd: int = 0
    """Millionths of a US dollar spent."""

    @property
    def done(self) -> int:
        """Items settled, in whatever way."""
        return self.scored + self.unscored + self.failed + self.set_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a backfill is expected to take, from a sample of its file and the judges' estimates."""

    items: int
    sampled: int
    """Items looked at closely."""
    unreadable: int
    """Of these, items that cannot be served as they are."""
    calls: int
    """Requests to vendors' models, without retries."""
    micro_usd: int
    """The most that these calls cost by the price table."""
    seconds: float
    """On idle machines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as it is kept."""

    name: str
    """26 characters that sort by time."""
    tenant: Tenant
    order: Order
    place: Place = Place.SERVER
    state: JobState = JobState.QUEUED
    cancelling: bool = False
    """Whether somebody asked for its end."""
    progress: Progress = Progress()
    at: Position = START
    """Every item before it is settled."""
    created: datetime
    started: datetime | None = None
    """When a process took it for the first time."""
    taken: datetime | None = None
    """When the last process took it."""
    done_before: int = 0
    """Items that were settled then."""
    updated: datetime
    ended: datetime | None = None
    problem: Problem | None = None
    detail: str = ""
    """The problem in words, or what came of it; never content."""
    result: str = ""
    """What a calibration or a what-if came to, as JSON; empty before, and for a backfill."""

    @property
    def kind(self) -> JobKind:
        return kind_of(self.order)

    @property
    def expected_end(self) -> datetime | None:
        """When it will end at the pace that it has had since it was taken; None = not known."""
        done = self.progress.done - self.done_before
        if (
            self.state is not JobState.RUNNING
            or self.taken is None
            or self.progress.total is None
            or not done
        ):
            return None
        left = max(0, self.progress.total - self.progress.done)
        return self.updated + timedelta(seconds=left * (self.updated - self.taken).total_seconds() / done)


def kind_of(order: Order) -> JobKind:
    """What an order asks for."""
    if isinstance(order, Backfill):
        return JobKind.BACKFILL
    return JobKind.CALIBRATION if isinstance(order, Calibration) else JobKind.WHAT_IF


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An item that is about to be worked on."""

    index: int
    line: int
    id: str = ""
    """The caller's own; empty = it has none that can be read."""
    crashes: int = 0
    """Processes that ended while they worked on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of an item."""

    index: int
    line: int
    id: str = ""
    state: ItemState
    retry: RetryClass | None = None
    """Set for FAILED and SET_ASIDE."""
    reason: str = ""
    """Why it failed, for people; never content."""
    attempts: int = 1
    record: str = ""
    """Name of its record; empty = it has none."""
    answer: str = ""
    """Its answer as JSON; empty = it has none."""
    calls: int = 0
    micro_usd: int = 0
