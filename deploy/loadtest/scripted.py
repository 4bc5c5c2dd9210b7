"""Judges that wait as a model would and then say something that means nothing: load without money."""

import asyncio
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.rubric import Rubric

NAMES: Final = tuple(f"scripted_{n}" for n in range(1, 6))
MODULE: Final = "deploy.loadtest.scripted:judges"
"""For the setting `judge_modules`."""
CRITERION: Final = "civility"
PREFIX: Final = "LOADTEST_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long a judge takes: log-normal, with stragglers and faults."""

    median: float = 0.03
    """Seconds."""
    sigma: float = 0.4
    """Of the logarithm."""
    stragglers: float = 0.02
    """Share of answers that take `straggling` times as long."""
    straggling: float = 10.0
    faults: float = 0.01
    """Share of answers that are abstentions with PROVIDER_ERROR."""
    hangs: float = 0.001
    """Share of judges that never answer."""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> "Latency":
        """`LOADTEST_MEDIAN` and so on; what is not set has its default."""
        said = {name: variables.get(PREFIX + name.upper()) for name in cls.__dataclass_fields__}
        return cls(**{name: float(value) for name, value in said.items() if value})

    def drawn(self, draw: random.Random) -> float | None:
        """Seconds; None = never."""
        if draw.random() < self.hangs:
            return None
        seconds = draw.lognormvariate(0.0, self.sigma) * self.median
        return seconds * (self.straggling if draw.random() < self.stragglers else 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedJudge:
    """Answers the same to the same text, after a time that is drawn anew."""

    name: str
    latency: Latency
    draw: random.Random = field(default_factory=random.Random)

    @property
    def profile(self) -> JudgeProfile:
        return JudgeProfile(
            name=self.name, title=f"Scripted judge {self.name}", revision="load-1", criteria=(CRITERION,)
        )

    def estimate(self, content: Content) -> Estimate:  # noqa: ARG002 - the port's
        return Estimate(seconds=self.latency.median)

    async def warm(self) -> None:
        return None

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:  # noqa: ARG002
        seconds = self.latency.drawn(self.draw)
        if seconds is None:
            await asyncio.Event().wait()
        await asyncio.sleep(seconds or 0.0)
        if self.draw.random() < self.latency.faults:
            return Abstention(reason=AbstentionReason.PROVIDER_ERROR, detail="scripted")
        return Judgment(answers={CRITERION: Score(value=opinion(self.name, content.text))})


def opinion(name: str, text: str) -> float:
    """In [0, 1]; what all say of the text, and a third of the judge's own."""
    return (2 * _unit(text) + _unit(name + text)) / 3


def _unit(text: str) -> float:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) / 2**64


def judges() -> Sequence[ScriptedJudge]:
    """The panel `load`, with latencies from the environment: for the setting `judge_modules`."""
    latency = Latency.from_environment()
    return [ScriptedJudge(name=name, latency=latency) for name in NAMES]
