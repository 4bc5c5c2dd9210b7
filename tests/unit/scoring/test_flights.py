"""Identical items in flight share a panel, and nobody's going or waiting hurts another."""

import asyncio
import time
from dataclasses import replace

import pytest

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.money import NOTHING_USED
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import CacheControl, ScoreRequest
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Completion, Scored
from moa_scorer.scoring.keeping import Memory
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.storage.cache_memory import MemoryCache
from tests.fakes.judges import ScriptedJudge, SystemClock, crashing, make_catalog, scoring
from tests.fakes.memory_stores import MemoryRecords

REQUEST = ScoreRequest(content=Content(text="a text to judge", language="en", kind="comment"))


def soon(seconds: float = 5.0) -> Budget:
    return Budget.starting(time.monotonic(), seconds)


def panel(*delays: float, cost: int = 10) -> tuple[Pipeline, list[ScriptedJudge]]:
    judges = [ScriptedJudge(f"j{i}", scoring(f"j{i}", 0.5), d, cost) for i, d in enumerate(delays)]
    return Pipeline(make_catalog(judges), SystemClock()), judges


def spent(record: Record) -> int:
    return sum(ballot.usage.micro_usd for ballot in record.verdict.ballots)


async def test_identical_items_in_flight_are_judged_once_and_paid_once() -> None:
    pipeline, judges = panel(0.02, 0.02)
    records = await asyncio.gather(*(pipeline.score(REQUEST, soon()) for _ in range(50)))
    assert [judge.started for judge in judges] == [1, 1]
    assert sorted(record.cache for record in records) == [CacheUse.MISS] + [CacheUse.SHARED] * 49
    assert sum(spent(record) for record in records) == 20
    assert len({str(record.verdict.outcome) for record in records}) == 1


async def test_each_request_has_its_own_decision_and_its_own_record() -> None:
    _, judges = panel(0.02)
    stores = MemoryRecords()
    pipeline = Pipeline(make_catalog(judges), SystemClock(), Memory(records=stores))
    plain, strict = await asyncio.gather(
        pipeline.score(REQUEST, soon()), pipeline.score(replace(REQUEST, policy="strict"), soon())
    )
    assert (plain.ruling.decision, strict.ruling.decision) == ("none", "accept")
    assert len({plain.name, strict.name, ""}) == 3
    assert judges[0].started == 1


@pytest.mark.parametrize(
    "other",
    [
        {"content": Content(text="another text", language="en", kind="comment")},
        {"tenant": Tenant("other")},
        {"cost_ceiling": 1_000},
        {"cache": CacheControl.REFRESH},
        {"cache": CacheControl.NONE},
    ],
)
async def test_other_items_tenants_ceilings_and_requests_for_new_judgments_do_not_share(
    other: dict[str, object],
) -> None:
    pipeline, judges = panel(0.02)
    await asyncio.gather(pipeline.score(REQUEST, soon()), pipeline.score(replace(REQUEST, **other), soon()))
    assert judges[0].started == 2


async def test_whoever_goes_away_hurts_nobody_not_even_the_one_who_came_first() -> None:
    pipeline, judges = panel(0.05)
    first, *others = [asyncio.create_task(pipeline.score(REQUEST, soon())) for _ in range(4)]
    await judges[0].asked.wait()
    first.cancel()
    others[1].cancel()
    await asyncio.wait({first, *others})
    left = [others[0].result(), others[2].result()]
    assert (judges[0].started, judges[0].cancelled) == (1, 0)
    assert sorted(record.cache for record in left) == [CacheUse.MISS, CacheUse.SHARED]
    assert sum(spent(record) for record in left) == 10, "the bill is with somebody who was told"


async def test_when_all_have_gone_the_work_ends_and_the_next_one_begins_anew() -> None:
    pipeline, judges = panel(3600)
    waiting = [asyncio.create_task(pipeline.score(REQUEST, soon(3600))) for _ in range(3)]
    await judges[0].asked.wait()
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert judges[0].cancelled == 1
    judges[0].delay = 0
    assert (await pipeline.score(REQUEST, soon())).cache is CacheUse.MISS


async def test_one_with_less_time_answers_from_the_ballots_so_far_and_the_others_wait_on() -> None:
    pipeline, _ = panel(0, 0.3)
    patient = asyncio.create_task(pipeline.score(REQUEST, soon(5)))
    await asyncio.sleep(0.01)
    hasty = await pipeline.score(REQUEST, soon(0.05))
    assert not patient.done()
    assert (hasty.cache, hasty.verdict.completion) == (CacheUse.SHARED, Completion.PARTIAL)
    late = hasty.verdict.ballots[1].outcome
    assert getattr(late, "reason", None) is AbstentionReason.TIMEOUT
    assert all(ballot.usage == NOTHING_USED for ballot in hasty.verdict.ballots)
    assert (await patient).verdict.completion is Completion.COMPLETE


async def test_one_with_clearly_more_time_is_not_content_with_what_another_one_had_time_for() -> None:
    pipeline, judges = panel(0, 0.2)
    hasty = asyncio.create_task(pipeline.score(REQUEST, soon(0.05)))
    await judges[0].asked.wait()
    patient = await asyncio.gather(*(pipeline.score(REQUEST, soon(5)) for _ in range(3)))
    assert (await hasty).verdict.completion is Completion.PARTIAL
    assert [record.verdict.completion for record in patient] == [Completion.COMPLETE] * 3
    assert [judge.started for judge in judges] == [2, 2], "the three shared another flight"


async def test_what_more_time_would_not_mend_is_shared_by_all() -> None:
    judges = [ScriptedJudge("a", scoring("a", 0.5), 0.02), ScriptedJudge("b", crashing(RuntimeError()))]
    pipeline = Pipeline(make_catalog(judges), SystemClock())
    records = await asyncio.gather(
        pipeline.score(REQUEST, soon(1)), *(pipeline.score(REQUEST, soon(100)) for _ in range(3))
    )
    assert judges[0].started == 1
    assert all(isinstance(record.verdict.outcome, Scored) for record in records)


async def test_nobody_falls_between_the_end_of_a_flight_and_the_memory_of_it() -> None:
    _, judges = panel(0.01)
    slow = SlowRecords()
    memory = Memory(records=slow, cache=MemoryCache(10, 60))
    pipeline = Pipeline(make_catalog(judges), SystemClock(), memory)
    first = asyncio.create_task(pipeline.score(REQUEST, soon()))
    await slow.putting.wait()
    between = await pipeline.score(REQUEST, soon())
    slow.go_on.set()
    assert (await first).cache is CacheUse.MISS
    after = await pipeline.score(REQUEST, soon())
    assert (between.cache, after.cache, judges[0].started) == (CacheUse.SHARED, CacheUse.HIT, 1)


async def test_a_bug_is_told_to_all_and_the_next_one_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline, _ = panel(0.0)

    async def broken(*_: object, **__: object) -> Record:
        await asyncio.sleep(0.01)
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "_asked", broken)
    told = await asyncio.gather(*(pipeline.score(REQUEST, soon()) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in told] == [ZeroDivisionError] * 3
    monkeypatch.undo()
    assert (await pipeline.score(REQUEST, soon())).cache is CacheUse.MISS


async def test_closing_the_pipeline_ends_the_work_and_nobody_hangs() -> None:
    pipeline, judges = panel(3600)
    waiting = [asyncio.create_task(pipeline.score(REQUEST, soon(3600))) for _ in range(2)]
    await judges[0].asked.wait()
    await pipeline.aclose()
    done, hanging = await asyncio.wait(waiting, timeout=5)
    assert (len(done), len(hanging), judges[0].cancelled) == (2, 0, 1)
    assert all(task.result().verdict.completion is Completion.UNSCORED for task in done)


class SlowRecords(MemoryRecords):
    """Takes its time over the first record, until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.putting = asyncio.Event()
        self.go_on = asyncio.Event()

    async def put(self, record: Record, claim: object = None) -> bool:
        if not self.putting.is_set():
            self.putting.set()
            await self.go_on.wait()
        return await super().put(record)
