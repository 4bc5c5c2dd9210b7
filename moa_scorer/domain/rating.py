"""People's ratings of records as they come back, and where they are kept."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Decision

WHOLE: Final = "overall"
"""The criterion of a rating that is of the item as a whole."""


class Stream(StrEnum):
    """How a record came to be rated: what its rating may be used for hangs on it."""

    AUDIT = "audit"
    """Drawn at random, whatever the score: a gate reads it, a fit never does."""
    PLAN = "plan"
    """Chosen by a plan, with a known chance."""
    REVIEW = "review"
    """Sent to people by a decision, or picked by one of them."""
    APPEAL = "appeal"
    """Somebody objected to the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One person's rating of one criterion of a record. Ratings are only ever added."""

    id: str
    """Unique within the tenant; whoever sends the same one again changes nothing."""
    tenant: Tenant
    record: str
    """Name of the record."""
    rater: str
    """Who rated, as the caller calls them."""
    criterion: str
    """Of the record's rubric, or `WHOLE`."""
    value: float
    """In [0, 1], higher is better."""
    saw_score: bool
    """Whether the rater knew the score: such a rating tells nothing about it."""
    stream: Stream
    propensity: float | None = None
    """Probability in (0, 1] with which the record was chosen to be rated; None = not known."""
    plan: str = ""
    """The plan that chose it: propensities compare within a plan."""
    rated: datetime
    """When the person rated, in UTC."""
    received: datetime
    """When it came in, in UTC."""
    rubric: str
    """Revision, as in the record; the same for the next."""
    panel: str
    kind: str
    """Kind of the content; empty = not said."""

    def what(self) -> tuple[str, str, str, str, float, bool, Stream, float | None, str]:
        """What was said of what, by whom: without its times."""
        return (
            self.id,
            self.record,
            self.rater,
            self.criterion,
            self.value,
            self.saw_score,
            self.stream,
            self.propensity,
            self.plan,
        )


class AppealOutcome(StrEnum):
    """What became of an objection to a decision."""

    UPHELD = "upheld"
    """The decision stands."""
    OVERTURNED = "overturned"
    """Another decision took its place."""
    WITHDRAWN = "withdrawn"
    """Whoever objected took it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """How an objection to a record's decision ended."""

    id: str
    """Unique within the tenant; whoever sends the same one again changes nothing."""
    tenant: Tenant
    record: str
    outcome: AppealOutcome
    decision: Decision
    """What holds now; NONE = not said."""
    decided_by: str
    """Who answers for it, as the caller calls them."""
    decided: datetime
    """When, in UTC."""
    received: datetime

    def what(self) -> tuple[str, str, AppealOutcome, Decision, str]:
        """What was decided, by whom: without its times."""
        return self.id, self.record, self.outcome, self.decision, self.decided_by


class Receipt(StrEnum):
    """What became of something that was handed in."""

    STORED = "stored"
    KNOWN = "known"
    """It was there already, and nothing changed."""
    CONFLICT = "conflict"
    """Its id belongs to another: nothing was stored."""
    GONE = "gone"
    """There is no such record, or it was deleted: nothing was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingFilter:
    """Which ratings are meant; everything set must hold, empty = any."""

    tenant: Tenant
    records: tuple[str, ...] = ()
    rubric: str = ""
    """Revision; the same for the next."""
    panel: str = ""
    kind: str = ""
    received_after: datetime | None = None
    """Received later than this instant."""
    streams: tuple[Stream, ...] = ()
    unseen: bool = False
    """Only of raters that did not know the score."""


class RatingStore(Protocol):
    """Ratings on disk. Every method raises StorageUnavailable when the database cannot be reached."""

    async def add(self, ratings: Sequence[Rating]) -> Sequence[Receipt]:
        """What became of each, in order; returns when those stored are on disk."""
        ...

    async def add_appeal(self, appeal: Appeal) -> Receipt:
        """What became of it; returns when it is on disk."""
        ...

    def scan(self, where: RatingFilter) -> AsyncIterator[Rating]:
        """Every rating, in the order in which they were received, in a bounded amount of memory."""
        ...

    async def count(self, where: RatingFilter) -> int:
        """How many there are."""
        ...

    async def rated(self, where: RatingFilter) -> frozenset[str]:
        """Names of the records that have such a rating."""
        ...

    async def appeals(self, tenant: Tenant, record: str) -> Sequence[Appeal]:
        """Of a record, in the order in which they were received."""
        ...
