"""Judges that say what a script says, and a pipeline over them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.money import Usage
from moa_scorer.domain.panel import Layer, Panel
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.domain.verdict import Decision
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline

Outcome = Judgment | Abstention
Script = Callable[[Content], Outcome]


class SystemClock:
    """The real clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime(2026, 7, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class ScriptedJudge:
    """Answers by its script, after a delay; counts what happened to it."""

    name: str
    script: Script
    delay: float = 0.0
    """Seconds."""
    cost: int = 0
    """Micro-USD that asking it costs; reserved before the delay, settled after it."""
    family: str = ""
    local: bool = True
    reads: bool = True
    """Whether it says to have read the ballots it is shown."""
    started: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the first call."""
    askings: list[Asking] = field(default_factory=list)
    """What it was given at each call."""
    cancelled: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the first cancellation."""

    @property
    def profile(self) -> JudgeProfile:
        return JudgeProfile(
            name=self.name,
            title=f"Scripted {self.name}",
            revision="1",
            criteria=(self.name,),
            family=self.family,
            local=self.local,
        )

    def estimate(self, content: Content) -> Estimate:
        return Estimate(seconds=len(content.text) * 1e-6, micro_usd=self.cost)

    async def warm(self) -> None: ...

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Outcome:
        self.started += 1
        self.asked.set()
        self.askings.append(asking)
        if self.cost and not asking.tab.reserve(self.cost):
            return Abstention(reason=AbstentionReason.BUDGET)
        try:
            await asyncio.sleep(self.delay)
        except asyncio.CancelledError:
            self.cancelled += 1
            self.stopped.set()
            raise
        if self.cost:
            asking.tab.settle(self.cost, Usage(calls=1, micro_usd=self.cost))
        return self._having_read(self.script(content), asking)

    def _having_read(self, outcome: Outcome, asking: Asking) -> Outcome:
        if isinstance(outcome, Abstention) or not self.reads:
            return outcome
        return replace(outcome, read=tuple(peer.judge for peer in asking.peers))


def scoring(name: str, value: float) -> Script:
    """A judgment with one score, the first word as evidence, and a critique."""

    def script(content: Content) -> Outcome:
        word = content.text.split()[0]
        start = content.text.index(word)
        span = Evidence(
            quote=word,
            start=start,
            end=start + len(word),
            criterion=name,
            polarity=Polarity.FOR,
            note="a word",
        )
        return Judgment(
            answers={name: Score(value=value)}, evidence=(span,), critique=f"{name} says {value}."
        )

    return script


def abstaining(reason: AbstentionReason = AbstentionReason.TOO_SHORT) -> Script:
    """An abstention of the whole judge."""
    return lambda _: Abstention(reason=reason, detail="scripted")


def crashing(error: BaseException) -> Script:
    """A bug."""

    def script(_: Content) -> Outcome:
        raise error

    return script


QUALITY = Rubric(
    name="quality",
    version=1,
    title="Quality",
    kinds=(),
    criteria=(
        Criterion(name="quality", description="Is it good?"),
        Criterion(name="style", description="Is it nice?"),
    ),
    scale_min=1,
    scale_max=5,
)
STRICT = Policy(
    name="strict",
    version=1,
    title="Strict",
    rules=(Rule(test=Test.SCORE_BELOW, threshold=0.5, then=Decision.REJECT),),
    otherwise=Decision.ACCEPT,
    on_unscored=Decision.REVIEW,
)


def make_catalog(
    judges: Sequence[ScriptedJudge], *, quorum: int = 1, layers: Sequence[Layer] = (), writer: str = ""
) -> Catalog:
    """A catalogue with one panel `scripted`, in two versions, over these judges."""
    panels = tuple(
        Panel(
            name="scripted",
            version=version,
            title="Scripted judges",
            judges=tuple(judge.name for judge in judges),
            quorum=quorum,
            default_rubric="quality",
            layers=tuple(layers),
            writer=writer,
        )
        for version in (1, 2)
    )
    return Catalog(
        panels=panels,
        rubrics=(QUALITY,),
        policies=(STRICT,),
        judges={judge.name: judge for judge in judges},
        snapshots=(),
        reference=EMPTY_REFERENCE,
        default_panel="scripted",
    )


def make_pipeline(
    judges: Sequence[ScriptedJudge], *, quorum: int = 1, layers: Sequence[Layer] = (), writer: str = ""
) -> Pipeline:
    """A real pipeline over scripted judges."""
    return Pipeline(make_catalog(judges, quorum=quorum, layers=layers, writer=writer), SystemClock())


def five_judges(delay: float = 0.0) -> list[ScriptedJudge]:
    """Four that score and one that abstains."""
    names = ("clarity", "depth", "style", "substance")
    scorers = [ScriptedJudge(n, scoring(n, 0.5 + 0.1 * i), delay) for i, n in enumerate(names)]
    return [*scorers, ScriptedJudge("context", abstaining(AbstentionReason.NO_CONTEXT), delay)]
