import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Score
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.judges.local.detector import Detect, DetectorSpec, LocalJudge, ModelMissing
from moa_scorer.judges.local.pool import Pool, Stop, Stopped

RUBRIC = Rubric(
    name="general", version=1, title="", kinds=(), criteria=(Criterion(name="quality", description="Good?"),)
)
BUDGET = Budget(deadline=float("inf"))


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(threads=4, queue=16)
    yield made
    made.close()


def length(content: Content, stop: Stop) -> Judgment:
    stop.check()
    return Judgment(answers={"length": Score(value=min(1.0, len(content.text) / 100))})


def judge_of(pool: Pool, load: Callable[[], Detect], languages: tuple[str, ...] = ()) -> LocalJudge:
    profile = JudgeProfile(
        name="length", title="", revision="r1", criteria=("length",), languages=languages, detector=True
    )
    return LocalJudge(DetectorSpec(profile=profile, load=load, seconds_per_character=1e-6), pool)


async def test_a_function_becomes_a_judge(pool: Pool) -> None:
    judge = judge_of(pool, lambda: length)
    outcome = await judge.judge(Content(text="a" * 50), RUBRIC, BUDGET)
    assert isinstance(outcome, Judgment)
    assert outcome.answers["length"] == Score(value=0.5)
    assert judge.estimate(Content(text="a" * 50)).seconds == pytest.approx(50e-6)


async def test_a_model_is_loaded_once_however_many_ask_at_once(pool: Pool) -> None:
    loads: list[int] = []

    def load() -> Detect:
        loads.append(threading.get_ident())
        time.sleep(0.05)
        return length

    judge = judge_of(pool, load)
    outcomes = await asyncio.gather(*(judge.judge(Content(text="abc"), RUBRIC, BUDGET) for _ in range(8)))
    assert len(loads) == 1
    assert loads[0] != threading.get_ident()
    assert all(isinstance(outcome, Judgment) for outcome in outcomes)


async def test_who_waits_for_anothers_load_stops_when_cancelled(pool: Pool) -> None:
    gate = threading.Event()
    inside = threading.Event()

    def load() -> Detect:
        inside.set()
        gate.wait(5)
        return length

    judge = judge_of(pool, load)
    first = asyncio.create_task(judge.judge(Content(text="abc"), RUBRIC, BUDGET))
    assert await asyncio.to_thread(inside.wait, 5)
    stopped = threading.Event()

    def wait_for_the_load(stop: Stop) -> None:
        try:
            judge._detect(stop)
        except Stopped:
            stopped.set()
            raise

    second = asyncio.create_task(pool.run(wait_for_the_load))
    await asyncio.sleep(0.02)
    second.cancel()
    assert await asyncio.to_thread(stopped.wait, 2)
    gate.set()
    assert isinstance(await first, Judgment)


async def test_a_missing_model_is_an_abstention_and_found_when_it_appears(pool: Pool) -> None:
    installed = False

    def load() -> Detect:
        if not installed:
            raise ModelMissing("run the fetch command")
        return length

    judge = judge_of(pool, load)
    await judge.warm()
    missing = await judge.judge(Content(text="abc"), RUBRIC, BUDGET)
    assert missing == Abstention(reason=AbstentionReason.MODEL_MISSING, detail="run the fetch command")
    installed = True
    assert isinstance(await judge.judge(Content(text="abc"), RUBRIC, BUDGET), Judgment)


async def test_warming_loads_before_the_first_call(pool: Pool) -> None:
    loads: list[str] = []

    def load() -> Detect:
        loads.append("loaded")
        return length

    judge = judge_of(pool, load)
    await judge.warm()
    assert loads == ["loaded"]
    await judge.judge(Content(text="abc"), RUBRIC, BUDGET)
    assert loads == ["loaded"]


@pytest.mark.parametrize(("declared", "judged"), [("", True), ("en", True), ("fr", False)])
async def test_a_declared_foreign_language_is_an_abstention(pool: Pool, declared: str, judged: bool) -> None:
    judge = judge_of(pool, lambda: length, languages=("en",))
    outcome = await judge.judge(Content(text="abc", language=declared), RUBRIC, BUDGET)
    assert isinstance(outcome, Judgment) is judged
    if isinstance(outcome, Abstention):
        assert outcome.reason is AbstentionReason.UNSUPPORTED_LANGUAGE


async def test_a_full_queue_is_an_abstention() -> None:
    pool = Pool(threads=1, queue=1)
    gate = threading.Event()

    def slow(content: Content, stop: Stop) -> Judgment:
        gate.wait(5)
        return length(content, stop)

    judge = judge_of(pool, lambda: slow)
    first = asyncio.create_task(judge.judge(Content(text="abc"), RUBRIC, BUDGET))
    await asyncio.sleep(0)
    outcome = await judge.judge(Content(text="abc"), RUBRIC, BUDGET)
    assert isinstance(outcome, Abstention)
    assert outcome.reason is AbstentionReason.RATE_LIMITED
    gate.set()
    await first
    pool.close()


async def test_a_closed_pool_is_an_abstention_not_a_cancellation(pool: Pool) -> None:
    judge = judge_of(pool, lambda: length)
    pool.close()
    outcome = await judge.judge(Content(text="abc"), RUBRIC, BUDGET)
    assert isinstance(outcome, Abstention)
    assert outcome.reason is AbstentionReason.CANCELLED


async def test_a_bug_in_a_detector_is_raised(pool: Pool) -> None:
    def broken(content: Content, stop: Stop) -> Judgment:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await judge_of(pool, lambda: broken).judge(Content(text="abc"), RUBRIC, BUDGET)
