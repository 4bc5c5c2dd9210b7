"""Whether a judge is asked at all: what operators and sentinels decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


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


class JudgeStates(Protocol):
    """States that all processes share. Every method raises StorageUnavailable."""

    async def all(self) -> Sequence[JudgeState]:
        """Every judge about which anything was decided, by name."""
        ...

    async def put(self, state: JudgeState) -> None:
        """Takes the place of what was decided before."""
        ...
