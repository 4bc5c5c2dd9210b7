"""The one port that every judge stands behind."""

from dataclasses import dataclass
from typing import Protocol

from moa_scorer.domain.ballot import Abstention, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.rubric import Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeProfile:
    """What is known of a judge before it is asked."""

    name: str
    title: str
    """One line for catalogues."""
    revision: str
    """Digest of code version, weights and prompts: changes whenever its numbers may."""
    equivalent: str = ""
    """Revision whose calibration holds for this one too, because their difference was measured to be far
    below the noise of ratings; empty = none but its own."""
    criteria: tuple[str, ...]
    """Criteria it may answer, its columns in this order; empty = whatever the rubric asks."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes it understands; empty = any."""
    local: bool = True
    """True when no content leaves the process."""
    detector: bool = False
    """True when it measures one thing instead of weighing the whole."""
    family: str = ""
    """Model family, for excluding a judge of its own producer's content."""

    @property
    def calibrated_as(self) -> str:
        """The revision that a calibration snapshot knows it by."""
        return self.equivalent or self.revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What asking is expected to take."""

    seconds: float
    micro_usd: int = 0


class Judge(Protocol):
    """Turns content into a judgment. A failure is a returned abstention; only bugs and cancellation raise."""

    @property
    def profile(self) -> JudgeProfile: ...

    def estimate(self, content: Content) -> Estimate:
        """Expected time and money for this content."""
        ...

    async def warm(self) -> None:
        """Loads what the first call would load; raises nothing when a model is missing."""
        ...

    async def judge(self, content: Content, rubric: Rubric, budget: Budget) -> Judgment | Abstention:
        """Judges one content. The caller enforces the budget by cancelling; a judge that knows it cannot
        finish in time may abstain with TIMEOUT at once."""
        ...
