"""How one process's turn at a job ends."""

from dataclasses import dataclass
from typing import Final

from moa_scorer.domain.job import JobState, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What to note of a job whose turn is over."""

    state: JobState | None
    """None = it has not ended: another process goes on."""
    problem: Problem | None = None
    detail: str = ""
    result: str = ""


HANDED_BACK: Final = Ended(state=None)


class Stopped(Exception):
    """The job cannot go on; the message says why."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.ended = Ended(state=JobState.FAILED, problem=problem, detail=detail)
