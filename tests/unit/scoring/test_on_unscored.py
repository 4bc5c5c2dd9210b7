"""What has no score is decided by `on_unscored`, whichever way it came about."""

import asyncio
import time
from dataclasses import replace

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.verdict import Decision, Ruling
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import STRICT, ScriptedJudge, SystemClock, abstaining, make_catalog

LENIENT = replace(STRICT, name="lenient", on_unscored=Decision.ACCEPT)
REVIEWED = Ruling(decision=Decision.REVIEW, rule="on_unscored")
ACCEPTED = Ruling(decision=Decision.ACCEPT, rule="on_unscored")


def request_by(policy: str) -> ScoreRequest:
    return ScoreRequest(content=Content(text="a text to judge"), policy=policy)


def silent_pipeline(delay: float = 0.0) -> tuple[Pipeline, ScriptedJudge]:
    judge = ScriptedJudge("a", abstaining(), delay=delay)
    catalog = make_catalog([judge])
    return Pipeline(replace(catalog, policies=(STRICT, LENIENT)), SystemClock()), judge


def soon(seconds: float = 10) -> Budget:
    return Budget.starting(time.monotonic(), seconds)


async def test_each_request_that_shares_a_panel_has_its_own_policys_decision() -> None:
    pipeline, judge = silent_pipeline(delay=0.2)
    first, second = await asyncio.gather(
        pipeline.score(request_by("strict"), soon()), pipeline.score(request_by("lenient"), soon())
    )
    await pipeline.aclose()
    assert judge.started == 1
    assert {first.cache, second.cache} == {CacheUse.MISS, CacheUse.SHARED}
    assert (first.ruling, second.ruling) == (REVIEWED, ACCEPTED)


async def test_a_stream_ends_with_it() -> None:
    pipeline, _ = silent_pipeline()
    events = [event async for event in pipeline.stream(request_by("lenient"), soon())]
    await pipeline.aclose()
    assert isinstance(events[-1], Record)
    assert events[-1].ruling == ACCEPTED


async def test_a_budget_that_ends_first_gives_it() -> None:
    pipeline, _ = silent_pipeline(delay=60)
    record = await pipeline.score(request_by("strict"), soon(0.05))
    await pipeline.aclose()
    assert record.ruling == REVIEWED


async def test_the_floor_has_a_say_in_it() -> None:
    pipeline, _ = silent_pipeline()
    pipeline.catalog = replace(pipeline.catalog, floor=replace(STRICT, name="floor"))
    record = await pipeline.score(request_by("lenient"), soon())
    await pipeline.aclose()
    assert record.ruling == replace(REVIEWED, rule="floor:on_unscored")
