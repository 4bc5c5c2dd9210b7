"""Asking judges side by side: every way of failing is a ballot."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.money import Usage
from moa_scorer.domain.panel import Layer
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.scoring.layers import PlannedLayer
from moa_scorer.scoring.panel import collect
from moa_scorer.scoring.purse import Purse
from moa_scorer.scoring.sitting import Item, seed_of
from tests.fakes.judges import ScriptedJudge, abstaining, crashing, scoring

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


# Layers


class StandingClock:
    """A clock that does not go."""

    def monotonic(self) -> float:
        return 100.0


async def run_layers(*layers: PlannedLayer, **over: object) -> dict[str, Ballot]:
    ballots = await collect(layers, item(**over), Budget(160.0), StandingClock())
    return {ballot.judge: ballot for ballot in ballots}


def saying(name: str, value: float = 0.5, **over: object) -> ScriptedJudge:
    return ScriptedJudge(name, scoring(name, value), **over)


async def test_a_later_layer_begins_when_the_one_before_has_ended_and_reads_its_judgments() -> None:
    first = [saying("a", delay=0.001), ScriptedJudge("b", abstaining()), saying("c")]
    late = saying("late")
    ballots = await run_layers(layer_of(first), layer_of([late]))
    (asking,) = late.askings
    assert {peer.judge for peer in asking.peers} == {"a", "c"}
    assert not any(asked.peers for judge in first for asked in judge.askings)
    outcome = ballots["late"].outcome
    assert isinstance(outcome, Judgment)
    assert outcome.read == ("a", "c")


async def test_a_third_layer_reads_both_before_it() -> None:
    third = saying("z")
    await run_layers(layer_of([saying("x")]), layer_of([saying("y")]), layer_of([third]))
    assert {peer.judge for peer in third.askings[0].peers} == {"x", "y"}


async def test_judges_are_given_their_layers_part_of_the_time_and_one_nonce() -> None:
    first, second = saying("a"), saying("b")
    await run_layers(layer_of([first], of_the_rest=0.25), layer_of([second], shows_content=False))
    one, two = first.askings[0], second.askings[0]
    assert (one.budget.deadline, two.budget.deadline) == (115.0, 160.0)
    assert (one.shows_content, two.shows_content) == (True, False)
    assert one.nonce == two.nonce
    assert len(one.nonce) == 16


async def test_with_nothing_to_read_a_later_judge_is_not_asked() -> None:
    late = saying("late")
    ballots = await run_layers(layer_of([ScriptedJudge("a", abstaining())]), layer_of([late]))
    assert reasons((ballots["late"],)) == [AbstentionReason.NOT_APPLICABLE]
    assert late.started == 0


async def test_a_layer_ends_with_its_quorum_and_grace_and_the_rest_were_not_needed() -> None:
    hung = saying("hung", delay=3600)
    judges = [saying("a"), ScriptedJudge("b", abstaining()), saying("c"), hung]
    ballots = await run_layers(layer_of(judges, quorum=2))
    assert reasons((ballots["hung"],)) == [AbstentionReason.NOT_NEEDED]
    assert hung.cancelled == 1


async def test_an_abstention_does_not_fill_a_layers_quorum() -> None:
    judges = [ScriptedJudge("a", abstaining()), saying("b", delay=0.001)]
    ballots = await run_layers(layer_of(judges, quorum=1))
    assert isinstance(ballots["b"].outcome, Judgment)


async def test_a_judge_that_answers_within_the_grace_counts() -> None:
    released = asyncio.Event()

    async def after() -> Judgment:
        await released.wait()
        return GOOD

    def release(_: Ballot) -> None:
        asyncio.get_running_loop().call_soon(released.set)

    layer = layer_of([Scripted("a", answer), Scripted("b", after)], quorum=1, grace=30)
    ballots = await collect([layer], item(), Budget(160.0), StandingClock(), release)
    assert reasons(ballots) == [None, None]


async def test_no_layer_stops_before_the_items_own_quorum() -> None:
    judges = [saying("a"), saying("b", delay=0.001)]
    ballots = await run_layers(layer_of(judges, quorum=1), quorum=2)
    assert isinstance(ballots["b"].outcome, Judgment)


async def test_a_judge_that_answers_although_it_was_cut_off_is_too_late() -> None:
    async def deaf() -> Judgment:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return GOOD
        return GOOD

    async def breaks() -> Judgment:
        try:
            await asyncio.sleep(3600)
        finally:
            raise KeyError("while ending")

    judges = [Scripted("a", answer), Scripted("b", deaf), Scripted("c", breaks)]
    ballots = await run_layers(layer_of(judges, quorum=1))
    assert reasons(tuple(ballots.values())) == [
        None,
        AbstentionReason.NOT_NEEDED,
        AbstentionReason.NOT_NEEDED,
    ]


async def test_a_cancellation_that_a_judge_lets_out_by_itself_is_a_crash() -> None:
    async def leak() -> Judgment:
        raise asyncio.CancelledError

    assert reasons(await run([Scripted("a", leak), Scripted("b", answer)])) == [
        AbstentionReason.PROVIDER_ERROR,
        None,
    ]


async def test_a_spent_budget_asks_nobody() -> None:
    judge = saying("a")
    await collect([layer_of([judge])], item(), Budget(1.0), StandingClock())
    assert judge.started == 0


@pytest.mark.parametrize("quorum", [None, 1])
async def test_cancelling_leaves_no_task_behind(quorum: int | None) -> None:
    before = asyncio.all_tasks()
    hung = [saying(str(k), delay=3600) for k in range(3)]
    task = asyncio.ensure_future(run(hung, quorum=quorum))
    await asyncio.gather(*(judge.asked.wait() for judge in hung))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert [judge.cancelled for judge in hung] == [1, 1, 1]


async def test_what_asking_took_is_in_the_ballot_whatever_the_outcome() -> None:
    async def spends(asking: Asking) -> Judgment:
        asking.tab.answered_by(model="m-1", stand_in="spare")
        asking.tab.heard("a reply")
        assert asking.tab.reserve(5)
        await asyncio.sleep(3600)
        return GOOD

    class Spender(Scripted):
        async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
            return await spends(asking)

    purse = Purse(ceiling=10)
    cut = Spender("cut", answer)
    layer = layer_of([saying("quick", cost=2), cut], quorum=1)
    quick, late = await collect([layer], item(purse=purse), Budget(160.0), StandingClock())
    assert quick.usage == Usage(calls=1, micro_usd=2)
    assert (late.model, late.stand_in, late.raw) == ("m-1", "spare", ("a reply",))
    assert late.usage.micro_usd == 5
    assert (purse.spent, purse.reserved) == (7, 0)


async def test_judges_of_one_item_share_its_purse() -> None:
    judges = [saying(str(k), cost=4) for k in range(4)]
    ballots = await run_layers(layer_of(judges), purse=Purse(ceiling=9))
    assert reasons(tuple(ballots.values())).count(AbstentionReason.BUDGET) == 2


def test_seats_draw_samples_of_their_own_and_the_same_again() -> None:
    seeds = {seed_of(name, seed) for name in ("a", "b", "c") for seed in (0, 1, 2)}
    assert len(seeds) == 9
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seed_of("a", 7) == seed_of("a", 7)


BEHAVIOURS: dict[str, Callable[[str], ScriptedJudge]] = {
    "scores": saying,
    "pays": lambda name: saying(name, cost=4),
    "abstains": lambda name: ScriptedJudge(name, abstaining()),
    "crashes": lambda name: ScriptedJudge(name, crashing(ValueError("content"))),
    "leaks": lambda name: ScriptedJudge(name, crashing(asyncio.CancelledError())),
}


@settings(max_examples=80, deadline=None)
@given(
    plan=st.lists(
        st.lists(st.sampled_from(sorted(BEHAVIOURS)), min_size=1, max_size=4), min_size=1, max_size=3
    ),
    quorum=st.none() | st.integers(1, 4),
    ceiling=st.none() | st.integers(0, 20),
)
def test_whatever_judges_do_each_casts_one_ballot_none_invents_a_score_and_the_ceiling_holds(
    plan: list[list[str]], quorum: int | None, ceiling: int | None
) -> None:
    layers = [[BEHAVIOURS[b](f"{b}{i}{k}") for k, b in enumerate(row)] for i, row in enumerate(plan)]
    purse = Purse(ceiling=ceiling)
    ballots = asyncio.run(
        collect(
            [layer_of(row, quorum=quorum) for row in layers],
            item(purse=purse),
            Budget(160.0),
            StandingClock(),
        )
    )
    assert [ballot.judge for ballot in ballots] == [judge.name for row in layers for judge in row]
    assert all(ballot.judge.startswith(("scores", "pays")) for ballot in ballots if ballot.scores())
    assert purse.reserved == 0
    assert purse.spent == sum(ballot.usage.micro_usd for ballot in ballots)
    assert ceiling is None or purse.spent <= ceiling
