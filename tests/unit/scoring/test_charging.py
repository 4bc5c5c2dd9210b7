"""Nobody gets more than its quota, and what is not used comes back."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import NotFound, QuotaExceeded, StorageUnavailable
from moa_scorer.domain.judge import Asking, Estimate
from moa_scorer.domain.money import Usage
from moa_scorer.domain.quota import Meter, WhenDown
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.tenant import Tenant
from moa_scorer.scoring.escalate import EscalateRequest
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.cache_memory import MemoryCache
from tests.fakes.jobs import at_work
from tests.fakes.judges import ScriptedJudge, SystemClock, abstaining, make_catalog, make_pipeline, scoring
from tests.fakes.memory_stores import MemoryRecords
from tests.fakes.quotas import HOUR, Counted, counted

REQUEST = ScoreRequest(content=Content(text="A fine text, thanks."))


def judge(name: str = "quality", *, cost: int = 100, delay: float = 0.0) -> ScriptedJudge:
    return ScriptedJudge(name, scoring(name, 0.7), delay=delay, cost=cost)


def pipeline(judges: Sequence[ScriptedJudge], on: Counted, memory: Memory | None = None) -> Pipeline:
    made = make_pipeline(judges) if memory is None else Pipeline(make_catalog(judges), SystemClock(), memory)
    made.quotas = on.quotas
    return made


async def score(to: Pipeline, request: ScoreRequest = REQUEST, seconds: float = 5.0) -> Record:
    return await to.score(request, Budget.starting(to.clock.monotonic(), seconds))


def reason(record: Record) -> AbstentionReason:
    [ballot] = record.verdict.ballots
    assert isinstance(ballot.outcome, Abstention)
    return ballot.outcome.reason


async def test_an_answer_counts_as_an_item_and_what_it_cost() -> None:
    on = counted(items=10, micro_usd=1_000)
    await score(pipeline([judge(cost=60)], on))
    assert (await on.used(Meter.ITEMS), await on.used(Meter.MICRO_USD)) == (1, 60)


async def test_an_answer_from_the_cache_is_an_item_and_costs_nothing() -> None:
    on = counted(items=10, micro_usd=1_000)
    to = pipeline([judge()], on, Memory(cache=MemoryCache(10, 60)))
    first, again = await score(to), await score(to)
    assert (first.cache, again.cache) == (CacheUse.MISS, CacheUse.HIT)
    assert (await on.used(Meter.ITEMS), await on.used(Meter.MICRO_USD)) == (2, 100)


async def test_a_repeated_request_id_is_an_item_and_costs_nothing(tmp_path: Path) -> None:
    on = counted(items=10, micro_usd=1_000)
    async with at_work(f"sqlite:///{tmp_path}/records.db", judge()) as works:
        works.pipeline.quotas = on.quotas
        named = replace(REQUEST, request_id="r-1", scope="ScoreContent")
        assert (await score(works.pipeline, named)).name == (await score(works.pipeline, named)).name
    assert (await on.used(Meter.ITEMS), await on.used(Meter.MICRO_USD)) == (2, 100)


async def test_a_stampede_is_many_items_and_one_bill() -> None:
    on = counted(items=100, micro_usd=250)
    to = pipeline([judge(delay=0.01)], on)
    await asyncio.gather(*(score(to) for _ in range(20)))
    assert (await on.used(Meter.ITEMS), await on.used(Meter.MICRO_USD)) == (20, 100)


async def test_a_request_that_cannot_be_served_counts_as_nothing() -> None:
    on = counted(items=1)
    to = pipeline([judge()], on)
    with pytest.raises(NotFound):
        await score(to, replace(REQUEST, panel="nope"))
    await score(to)
    with pytest.raises(QuotaExceeded):
        await score(to)


async def test_nobody_is_asked_where_the_money_does_not_suffice_and_a_new_window_has_it_again() -> None:
    on, asked = counted(items=10, micro_usd=150), judge()
    to = pipeline([asked], on)
    await score(to)
    with pytest.raises(QuotaExceeded) as refused:
        await score(to)
    assert (refused.value.meter, refused.value.retry_after) == ("micro_usd", HOUR)
    assert (asked.started, await on.used(Meter.ITEMS)) == (1, 1)
    on.clock.moved = HOUR
    await score(to)
    assert asked.started == 2


async def test_what_no_window_can_have_is_never_new() -> None:
    to = pipeline([judge(cost=500)], counted(micro_usd=400))
    with pytest.raises(QuotaExceeded, match="needs more than") as refused:
        await score(to)
    assert refused.value.retry_after is None


async def test_twice_the_estimate_is_held_where_there_is_so_much_and_a_ceiling_is_enough() -> None:
    on, slow = counted(micro_usd=450), judge(delay=0.05)
    to = pipeline([slow], on)
    other = replace(REQUEST, content=Content(text="Another text."))
    capped = replace(REQUEST, content=Content(text="A third one."), cost_ceiling=120)
    async with asyncio.TaskGroup() as group:
        for request, held in ((REQUEST, 200), (capped, 320), (other, 420)):
            group.create_task(score(to, request))
            await asyncio.sleep(0.01)
            assert await on.used(Meter.MICRO_USD) == held
    assert await on.used(Meter.MICRO_USD) == 300


async def test_no_answer_waits_for_what_is_being_settled_after_its_budget() -> None:
    on = counted(micro_usd=1_000)
    on.ledger.writes.clear()
    await asyncio.wait_for(score(pipeline([judge()], on), seconds=0.05), 5)
    assert await on.used(Meter.MICRO_USD) == 200
    on.ledger.writes.set()
    await on.quotas.aclose()
    assert await on.used(Meter.MICRO_USD) == 100


class Talkative(ScriptedJudge):
    """Takes a hundred tokens, which nobody knew."""

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        asking.tab.settle(0, Usage(calls=1, input_tokens=90, output_tokens=10))
        return await ScriptedJudge.judge(self, content, rubric, asking)


async def test_tokens_are_counted_afterwards_and_close_the_quota() -> None:
    on = counted(tokens=150)
    to = pipeline([Talkative("quality", scoring("quality", 0.7), cost=1)], on)
    for used in (100, 150):
        await score(to)
        assert await on.used(Meter.TOKENS) == used
    with pytest.raises(QuotaExceeded, match="tokens"):
        await score(to)


class Understated(ScriptedJudge):
    """Costs more than it says."""

    def estimate(self, content: Content) -> Estimate:
        return Estimate(seconds=0.0, micro_usd=self.cost // 10)


async def test_a_judge_that_takes_more_than_was_held_is_not_paid() -> None:
    on = counted(micro_usd=1_000)
    dear = Understated("quality", scoring("quality", 0.7), cost=100)
    assert reason(await score(pipeline([dear], on))) is AbstentionReason.BUDGET
    assert await on.used(Meter.MICRO_USD) == 0


async def test_judges_that_cost_nothing_are_asked_when_the_money_is_gone() -> None:
    free = judge(cost=0)
    await score(pipeline([free], counted(micro_usd=0)))
    assert free.started == 1


async def test_a_judge_of_the_same_price_as_nothing_spends_nothing() -> None:
    unstated = Understated("quality", scoring("quality", 0.7), cost=9)
    assert reason(await score(pipeline([unstated], counted(micro_usd=1_000)))) is AbstentionReason.BUDGET


async def test_a_caller_that_leaves_pays_for_what_was_asked_and_no_more() -> None:
    on = counted(items=5, micro_usd=1_000)
    quick, slow = judge("quick", cost=10), judge("slow", cost=50, delay=60)
    call = asyncio.create_task(score(pipeline([quick, slow], on), seconds=60))
    await slow.asked.wait()
    assert await on.used(Meter.MICRO_USD) == 120
    call.cancel()
    await asyncio.wait({call})
    assert (await on.used(Meter.ITEMS), await on.used(Meter.MICRO_USD)) == (1, 60)


async def test_an_answer_at_the_deadline_is_settled_too() -> None:
    on = counted(micro_usd=1_000)
    record = await score(pipeline([judge(delay=60)], on), seconds=0.05)
    assert reason(record) is AbstentionReason.TIMEOUT
    assert await on.used(Meter.MICRO_USD) == 100


async def test_a_stream_that_is_closed_early_is_settled() -> None:
    on, slow = counted(items=5, micro_usd=1_000), judge(delay=60)
    to = pipeline([slow], on)
    stream = to.stream(REQUEST, Budget.starting(to.clock.monotonic(), 60))
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await slow.asked.wait()
    waiting.cancel()
    await asyncio.wait({waiting})
    await stream.aclose()
    assert (await on.used(Meter.ITEMS), await on.used(Meter.MICRO_USD)) == (1, 100)


async def test_an_escalation_is_an_item_and_costs_what_it_buys() -> None:
    on = counted(items=10, micro_usd=1_000)
    late = ScriptedJudge("late", abstaining(AbstentionReason.TIMEOUT), cost=30)
    to = pipeline([judge(cost=100), late], on, Memory(records=MemoryRecords()))
    record = await score(to)
    await to.escalate(EscalateRequest(record=record.name), Budget.starting(to.clock.monotonic(), 5))
    assert (await on.used(Meter.ITEMS), await on.used(Meter.MICRO_USD)) == (2, 160)


async def test_no_tenant_pays_for_a_panel_in_the_shadow() -> None:
    on = counted(items=0, micro_usd=0)
    shadow = judge()
    await score(pipeline([shadow], on), replace(REQUEST, shadow_of=""))
    assert shadow.started == 1


async def test_each_tenant_has_its_own_and_a_named_one_what_is_said_of_it() -> None:
    on = counted(items=1)
    on.quotas.of = {**on.quotas.of, "free": ()}
    to = pipeline([judge()], on)
    for tenant in ("acme", "globex", "free", "free"):
        await score(to, replace(REQUEST, tenant=Tenant(tenant)))
    with pytest.raises(QuotaExceeded):
        await score(to, replace(REQUEST, tenant=Tenant("acme")))


@pytest.mark.parametrize(
    ("setting", "free_is_served", "paid_is_served"),
    [(WhenDown.CLOSED, False, False), (WhenDown.CLOSED_FOR_MONEY, True, False), (WhenDown.OPEN, True, True)],
)
async def test_while_nobody_counts_the_setting_says_what_is_served(
    setting: WhenDown, free_is_served: bool, paid_is_served: bool
) -> None:
    on = counted(setting, items=10, micro_usd=1_000)
    on.ledger.down = True
    for cost, is_served in ((0, free_is_served), (100, paid_is_served)):
        asked = judge(cost=cost)
        with suppress(StorageUnavailable):
            await score(pipeline([asked], on))
        assert bool(asked.started) is is_served


async def test_what_cannot_be_settled_counts_as_used() -> None:
    on, slow = counted(micro_usd=1_000), judge(delay=0.05)
    call = asyncio.create_task(score(pipeline([slow], on)))
    await slow.asked.wait()
    on.ledger.down = True
    await call
    on.ledger.down = False
    assert await on.used(Meter.MICRO_USD) == 200


@given(
    amount=st.integers(0, 1_000),
    calls=st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=12),
)
def test_nobody_spends_more_than_the_quota_and_all_that_is_spent_is_counted(
    amount: int, calls: list[tuple[int, bool]]
) -> None:
    async def run() -> None:
        on = counted(micro_usd=amount)
        judges = [judge(cost=cost, delay=0.0005 * n) for n, (cost, _) in enumerate(calls)]
        tasks = [asyncio.create_task(score(pipeline([each], on))) for each in judges]
        await asyncio.sleep(0)
        for task, (_, leaves) in zip(tasks, calls, strict=True):
            if leaves:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await on.quotas.aclose()
        spent = sum(each.cost for each in judges if each.started)
        assert spent == await on.used(Meter.MICRO_USD) <= amount

    asyncio.run(run())
