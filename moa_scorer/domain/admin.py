"""What operators see of a server and can tell it to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from moa_scorer.domain.judge_state import JudgeState


class Circuit(StrEnum):
    """How a process regards an endpoint."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointHealth:
    """How an endpoint stands, as one process knows it."""

    name: str
    circuit: Circuit
    in_flight: int
    """Requests that it works on, >= 0."""
    waiting: int
    """Requests that wait to be sent to it, >= 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeHealth:
    """How a judge of the catalogue stands."""

    judge: str
    state: JudgeState
    """What holds for it now."""
    decided: bool
    """Whether anything was ever decided about it; if not, `state.since` says nothing."""
    endpoint: EndpointHealth | None = None
    """None = it runs in the server's own process."""
    alarms: tuple[str, ...] = ()
    """Revisions of the snapshots with an open drift alarm about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was found about a snapshot and that nobody has closed."""

    subject: str
    """A judge, or a source of items."""
    what: str
    since: str
    """ISO 8601 date or time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotStanding:
    """What was decided about the snapshots of one name."""

    name: str
    """`rubric.kind.panel`, without a version."""
    serving: int | None
    """The version that unpinned callers get; None = there is none."""
    versions: tuple[int, ...]
    """Rising."""
    age_limit_days: int | None = None
    alarms: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


class AdminDesk(Protocol):
    """Takes operators' orders. Whoever is at work (`contract.access.caller`) stands in the audit log.

    Every method raises StorageUnavailable while the database cannot be reached, and Precondition for what
    cannot be done on this server.
    """

    async def judges(self) -> Sequence[JudgeHealth]:
        """Every judge, in the catalogue's order."""
        ...

    async def quarantine(self, judge: str, why: str, until: datetime | None) -> JudgeHealth:
        """Takes a judge out until then, or for good; raises NotFound."""
        ...

    async def restore(self, judge: str, why: str) -> JudgeHealth:
        """Puts a judge back; raises NotFound."""
        ...

    async def snapshots(self) -> Sequence[SnapshotStanding]:
        """Those of every name, by name."""
        ...

    async def promote(self, name: str, version: int, why: str) -> SnapshotStanding:
        """Lets a version serve again; raises NotFound."""
        ...

    async def roll_back(self, name: str, why: str) -> SnapshotStanding:
        """Lets the version serve again that the present one replaced; raises NotFound."""
        ...

    async def reload(self) -> tuple[str, ...]:
        """Reads the files again: names of what came, went or changed."""
        ...

    async def drain(self, why: str) -> None:
        """Asks the server to stop, and returns at once."""
        ...
