"""Whether a judge is asked at all: what operators and sentinels decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from moa_scorer.domain.audit_log import AuditEntry


class JudgeStanding(StrEnum):
    """What holds for a judge."""

    IN_SERVICE = "in_service"
    DRIFT_MASKED = "drift_masked"
    """It answers unlike it did when people rated: the others' weights take over."""
    QUARANTINED = "quarantined"
    """An operator took it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeState:
    """What was decided about a judge of the catalogue, and why."""

    judge: str
    """Its name in the catalogue."""
    standing: JudgeStanding
    why: str = ""
    """In words without a full stop."""
    since: datetime
    """In UTC."""
    model: str = ""
    """Id of the model that its endpoint was known to report; empty = none, or not known."""
    until: datetime | None = None
    """When the judge is in service again by itself, in UTC; None = when somebody says so."""

    def holds(self, now: datetime) -> bool:
        """Whether the judge is not to be asked."""
        over = self.until is not None and self.until <= now
        return self.standing is not JudgeStanding.IN_SERVICE and not over


class JudgeStates(Protocol):
    """States that all processes share. Every method raises StorageUnavailable."""

    async def all(self) -> Sequence[JudgeState]:
        """Every judge about which anything was decided, by name."""
        ...

    async def put(self, state: JudgeState, entry: AuditEntry | None = None) -> None:
        """Takes the place of what was decided before; with it the entry is added to the audit log."""
        ...

    async def know(self, judge: str, model: str, now: datetime) -> None:
        """Which model a judge is known by; what was decided about it stays."""
        ...
