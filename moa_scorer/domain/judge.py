"""The one port that every judge stands behind."""

from dataclasses import dataclass
from typing import Protocol

from moa_scorer.domain.ballot import Abstention, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.money import Tab
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
    below the noise of ratings or never enters a calibrated number; empty = none but its own."""
    criteria: tuple[str, ...]
    """Criteria it may answer, its columns in this order; empty = whatever the rubric asks."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes it understands; empty = any."""
    local: bool = True
    """True when no content leaves the operator's own machines."""
    detector: bool = False
    """True when it measures one thing instead of weighing the whole."""
    family: str = ""
    """Model family such as `claude` or `qwen`, for excluding a judge of its own producer's content."""
    endpoint: str = ""
    """Name of the endpoint that it asks; empty for judges of the server's own process."""
    model: str = ""
    """Id of the model that it asks for; empty for judges of the server's own process."""

    @property
    def calibrated_as(self) -> str:
        """The revision that a calibration snapshot knows it by."""
        return self.equivalent or self.revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What asking is expected to take."""

    seconds: float
    micro_usd: int = 0
    """The most that one call may cost: the prompt, and as many tokens as the reply may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A ballot of an earlier layer as a later judge reads it: without its name."""

    alias: str
    """`J1`, `J2` ... in the order shown; shuffled for each reader."""
    judge: str
    """The name behind the alias, for the record; never shown to the reader."""
    judgment: Judgment


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a judge is given beside content and rubric."""

    budget: Budget
    tab: Tab
    nonce: str
    """Unguessable token of this request, hexadecimal: fences the content and comes back in the reply."""
    seed: int = 0
    """Same seed, same samples where the endpoint honours it; >= 0."""
    tamper_risk: float = 0.0
    """In [0, 1], of the text."""
    peers: tuple[Peer, ...] = ()
    """What earlier layers said, in the order to show; empty in the first layer."""
    shows_content: bool = True
    """Whether a judge of a later layer is shown the content beside the ballots."""


class Judge(Protocol):
    """Turns content into a judgment. A failure is a returned abstention; only bugs and cancellation raise."""

    @property
    def profile(self) -> JudgeProfile: ...

    def estimate(self, content: Content) -> Estimate:
        """Expected time, and the most money that asking once may cost, for this content."""
        ...

    async def warm(self) -> None:
        """Loads what the first call would load; raises nothing when a model is missing."""
        ...

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        """Judges one content. The caller enforces the budget by cancelling; a judge that knows it cannot
        finish in time may abstain with TIMEOUT at once."""
        ...
