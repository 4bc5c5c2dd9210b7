"""Asking judges side by side: every way of failing is a ballot."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.panel import Layer
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.scoring.layers import PlannedLayer
from moa_scorer.scoring.panel import Item, collect

RUBRIC = Rubric(
    name="r", version=1, title="", kinds=(), criteria=(Criterion(name="quality", description=""),)
)
CONTENT = Content(text="some text")
GOOD = Judgment(answers={"quality": Score(value=0.5)})


@dataclass
class Scripted:
    name: str
    script: Callable[[], Awaitable[Judgment | Abstention]]
    cancelled: bool = False

    @property
    def profile(self) -> JudgeProfile:
        return JudgeProfile(name=self.name, title="", revision="r", criteria=("quality",))

    def estimate(self, content: Content) -> Estimate:
        return Estimate(seconds=0.0)

    async def warm(self) -> None: ...

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        try:
            return await self.script()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def answer() -> Judgment:
    return GOOD


async def hang() -> Judgment:
    await asyncio.sleep(3600)
    return GOOD


async def crash() -> Judgment:
    raise KeyError("secret content")


async def own_timeout() -> Judgment:
    raise TimeoutError


def run(judges: list[Scripted], seconds: float = 5.0, **over: object) -> Awaitable[tuple[Ballot, ...]]:
    layers = [layer_of(judges, **over)]
    return collect(layers, item(), Budget.starting(time.monotonic(), seconds), time)


def item(**over: object) -> Item:
    return Item(content=CONTENT, rubric=RUBRIC, **over)


def layer_of(judges: list[Scripted], of_the_rest: float = 1.0, **over: object) -> PlannedLayer:
    layer = Layer(judges=tuple(judge.name for judge in judges), **over)
    return PlannedLayer(
        layer=layer, judges=tuple(judges), share=1.0, of_the_rest=of_the_rest, estimate=Estimate(seconds=0.0)
    )


def reasons(ballots: tuple[Ballot, ...]) -> list[AbstentionReason | None]:
    return [b.outcome.reason if isinstance(b.outcome, Abstention) else None for b in ballots]


async def test_ballots_come_in_panel_order_whatever_finishes_first() -> None:
    async def slow() -> Judgment:
        await asyncio.sleep(0.02)
        return GOOD

    ballots = await run([Scripted("slow", slow), Scripted("quick", answer)])
    assert [b.judge for b in ballots] == ["slow", "quick"]
    assert all(b.outcome is GOOD for b in ballots)


async def test_a_hanging_judge_abstains_at_the_end_of_the_budget_and_the_others_count() -> None:
    hung = Scripted("hung", hang)
    ballots = await run([Scripted("good", answer), hung], seconds=0.05)
    assert reasons(ballots) == [None, AbstentionReason.TIMEOUT]
    assert hung.cancelled


async def test_a_crash_is_an_abstention_that_repeats_nothing_of_the_exception() -> None:
    ballots = await run([Scripted("bug", crash), Scripted("good", answer)])
    assert reasons(ballots) == [AbstentionReason.PROVIDER_ERROR, None]
    assert isinstance(ballots[0].outcome, Abstention)
    assert "secret" not in ballots[0].outcome.detail


async def test_a_judges_own_timeout_is_not_taken_for_the_budgets_end() -> None:
    assert reasons(await run([Scripted("own", own_timeout)])) == [AbstentionReason.PROVIDER_ERROR]


async def test_a_cancellation_of_the_panel_reaches_every_judge() -> None:
    judges = [Scripted(str(i), hang) for i in range(3)]
    task = asyncio.ensure_future(run(judges))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(judge.cancelled for judge in judges)


async def test_a_spent_budget_gives_abstentions_not_an_error() -> None:
    late = Scripted("hung", hang)
    ballots = await collect([layer_of([late])], item(), Budget(time.monotonic() - 1), time)
    assert reasons(ballots) == [AbstentionReason.TIMEOUT]
