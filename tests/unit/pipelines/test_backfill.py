"""Every item of a file is settled once, whatever happens on the way."""

import asyncio
import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import StorageUnavailable
from moa_scorer.domain.job import Begun, ItemState, Job, JobState, Place, Problem, RetryClass
from moa_scorer.domain.job_store import Advance
from moa_scorer.domain.priority import Priority
from moa_scorer.domain.request import Retention
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.pipelines import attempts
from moa_scorer.pipelines.wish import Wish
from moa_scorer.scoring.door import Door, Load
from tests.fakes.jobs import Works, at_work, lines_of, write_items
from tests.fakes.judges import Outcome, ScriptedJudge, abstaining, crashing, scoring
from tests.fakes.quotas import HOUR, counted


def texts(count: int) -> list[str]:
    return [f"item {n} is a fine text" for n in range(count)]


@pytest.fixture
def items(tmp_path: Path) -> Path:
    return write_items(tmp_path / "items.jsonl", texts(12))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "FIRST_PAUSE", 0.001)


async def ended(works: Works, job: Job) -> Job:
    assert await works.runner().run_one(job.name)
    return await works.job(job.name)


async def test_each_item_stands_once_in_the_results_with_a_record_of_its_own(
    database_url: str,
    tmp_path: Path,
) -> None:
    async with at_work(database_url) as works:
        job = await works.order(write_items(tmp_path / "items.jsonl", texts(23)))
        done = await ended(works, job)

        lines = lines_of(str(tmp_path / "items.out"))
        assert done.state is JobState.SUCCEEDED
        assert done.progress.scored == done.progress.total == 23
        assert [line["item"] for line in lines] == list(range(23))
        assert [line["id"] for line in lines] == [f"i{n}" for n in range(23)]
        assert len({line["record"] for line in lines}) == 23
        assert works.judge.started == 23


async def test_a_bad_line_is_a_failure_with_its_number_and_no_other_is_lost(url: str, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    good = json.dumps({"id": "a", "text": "A fine text."})
    path.write_bytes(
        b"\n".join([good.encode(), b"{broken", b"\xff\xfe", b"[]", b'{"id": "x"}', good.encode()])
    )
    async with at_work(url) as works:
        job = await works.order(path)
        done = await ended(works, job)

        failures = await works.store.failures(DEFAULT_TENANT, job.name, 10)
        assert done.state is JobState.SUCCEEDED
        assert (done.progress.scored, done.progress.failed) == (2, 4)
        assert [each.line for each in failures] == [2, 3, 4, 5]
        assert {each.retry for each in failures} == {RetryClass.PERMANENT}
        assert failures[3].reason == "text: is required"
        assert failures[3].id == "x"


async def test_what_the_contract_refuses_is_a_failure_of_its_item(url: str, tmp_path: Path) -> None:
    path = write_items(tmp_path / "items.jsonl", ["fine", "   ", "fine too"])
    async with at_work(url) as works:
        job = await works.order(path)
        done = await ended(works, job)

        [failure] = await works.store.failures(DEFAULT_TENANT, job.name, 10)
        assert (done.progress.scored, done.progress.failed) == (2, 1)
        assert "content.text" in failure.reason


async def test_a_damaged_archive_costs_what_follows_the_damage(url: str, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl.gz"
    lines = "\n".join(json.dumps({"text": f"{n} is fine {n * 7919 % 1000}"}) for n in range(300)).encode()
    path.write_bytes(gzip.compress(lines)[:-800])
    async with at_work(url) as works:
        job = await works.order(path, concurrency=8, retention=Retention.NOTHING)
        done = await ended(works, job)

        [failure] = await works.store.failures(DEFAULT_TENANT, job.name, 10)
        assert done.progress.scored > 20
        assert done.progress.done == failure.index + 1
        assert "damaged" in failure.reason


async def test_what_may_pass_is_tried_again_and_paid_for_each_time(url: str, items: Path) -> None:
    said: list[str] = []

    def script(content: Content) -> Outcome:
        said.append(content.id)
        again = said.count(content.id) > 1
        return (scoring("quality", 0.7) if again else abstaining(AbstentionReason.RATE_LIMITED))(content)

    async with at_work(url, ScriptedJudge("quality", script, cost=10)) as works:
        done = await ended(works, await works.order(items))

        assert done.progress.scored == 12
        assert done.progress.micro_usd == 240


async def test_items_wait_for_the_window_of_a_quota_that_is_used_up(
    url: str, items: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "QUOTA_LOOKS", 0.01)
    on, waited = counted(items=5), set[str]()

    def new_window(*, job: str, meter: str, seconds: float) -> None:
        waited.add(meter)
        on.clock.moved += HOUR

    monkeypatch.setattr(attempts.events, "job_out_of_quota", new_window)
    async with at_work(url) as works:
        works.pipeline.quotas = on.quotas
        done = await ended(works, await works.order(items, attempts=1))
        assert (done.progress.scored, works.judge.started, waited) == (12, 12, {"items"})


async def test_items_wait_for_a_server_that_has_too_much_to_do(url: str, items: Path) -> None:
    async with at_work(url) as works:
        job = await works.order(items)
        clock = works.pipeline.clock
        door = works.pipeline.door = Door(clock, Load(most=1, queue=0))
        place = await door.place(DEFAULT_TENANT, Priority.INTERACTIVE, Budget.starting(clock.monotonic(), 60))
        working = asyncio.create_task(ended(works, job))
        while door.shed < 3:  # noqa: ASYNC110 - the door tells nobody
            await asyncio.sleep(0.001)
        place.leave()

        done = await working
        assert (done.progress.scored, done.progress.failed) == (12, 0)


async def test_an_item_that_no_window_has_the_money_for_fails(url: str, tmp_path: Path) -> None:
    judge = ScriptedJudge("quality", scoring("quality", 0.7), cost=100)
    async with at_work(url, judge) as works:
        works.pipeline.quotas = counted(micro_usd=99).quotas
        job = await works.order(write_items(tmp_path / "items.jsonl", texts(1)))
        done = await ended(works, job)

        [failure] = await works.store.failures(DEFAULT_TENANT, job.name, 10)
        assert (done.progress.failed, judge.started) == (1, 0)
        assert "needs more than the quota" in failure.reason


async def test_what_does_not_pass_is_unscored_after_the_last_try(url: str, items: Path) -> None:
    judge = ScriptedJudge("quality", abstaining(AbstentionReason.RATE_LIMITED))
    async with at_work(url, judge) as works:
        done = await ended(works, await works.order(items, attempts=2))

        assert done.state is JobState.SUCCEEDED
        assert done.progress.unscored == 12
        assert judge.started == 24


async def test_an_item_at_which_processes_end_is_worked_on_alone_and_then_set_aside(
    url: str, items: Path
) -> None:
    async with at_work(url) as works:
        job = await works.order(items)
        for _ in range(3):
            lease = await works.store.take(Place.SERVER, 0.01, job.name)
            assert lease is not None
            await works.store.left_running(lease)
            await works.store.advance(lease, Advance(begun=[Begun(index=5, line=6, id="i5")]))
            await asyncio.sleep(0.02)
        done = await ended(works, job)

        [failure] = await works.store.failures(DEFAULT_TENANT, job.name, 10)
        assert (done.progress.scored, done.progress.set_aside) == (11, 1)
        assert (failure.index, failure.state, failure.retry) == (5, ItemState.SET_ASIDE, RetryClass.POISON)
        assert "i5" not in {line.get("contentId") for line in lines_of(str(items.with_suffix(".out")))}


async def test_a_bug_costs_its_item_and_resuming_tries_it_again(
    url: str, items: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(url) as works:
        score = works.pipeline.score

        async def broken(request, budget):  # type: ignore[no-untyped-def]
            if request.content.id == "i3":
                raise RuntimeError("secret text")
            return await score(request, budget)

        monkeypatch.setattr(works.pipeline, "score", broken)
        job = await works.order(items)
        first = await ended(works, job)
        [failure] = await works.store.failures(DEFAULT_TENANT, job.name, 10)
        monkeypatch.setattr(works.pipeline, "score", score)
        await works.store.resume(DEFAULT_TENANT, job.name)
        second = await ended(works, job)

        assert (first.progress.scored, first.progress.set_aside) == (11, 1)
        assert (failure.retry, failure.attempts) == (RetryClass.POISON, 3)
        assert "secret" not in failure.reason
        assert (second.progress.scored, second.progress.set_aside) == (12, 0)
        assert [line["item"] for line in lines_of(str(items.with_suffix(".out")))] == list(range(12))
        assert works.judge.started == 12


async def test_a_cancelled_job_keeps_what_is_done_and_can_go_on(url: str, items: Path) -> None:
    judge = ScriptedJudge("quality", scoring("quality", 0.7), delay=0.05)
    async with at_work(url, judge) as works:
        job = await works.order(items, concurrency=2)
        running = asyncio.create_task(works.runner(lease=0.15).run_one(job.name))
        await judge.asked.wait()
        await works.store.cancel(DEFAULT_TENANT, job.name)
        await running
        cancelled = await works.job(job.name)
        lines = lines_of(str(items.with_suffix(".out")))
        await works.store.resume(DEFAULT_TENANT, job.name)
        done = await ended(works, job)

        assert cancelled.state is JobState.CANCELLED
        assert 0 < cancelled.progress.done == len(lines) < 12
        assert done.state is JobState.SUCCEEDED
        assert done.progress.scored == judge.started == 12


async def test_a_job_that_is_handed_back_goes_on_where_it_was(url: str, items: Path) -> None:
    judge = ScriptedJudge("quality", scoring("quality", 0.7), delay=0.02)
    async with at_work(url, judge) as works:
        job = await works.order(items, concurrency=2)
        runner = works.runner()
        running = asyncio.create_task(runner.run_one(job.name))
        await judge.asked.wait()
        runner.stop(Wish.HAND_BACK)
        await running
        waiting, written = await works.job(job.name), items.with_suffix(".out").exists()
        done = await ended(works, job)

        assert waiting.state is JobState.QUEUED
        assert not written
        assert done.progress.scored == judge.started == 12


async def test_a_job_stops_before_it_costs_more_than_its_ceiling_and_goes_on_with_another(
    url: str, items: Path
) -> None:
    judge = ScriptedJudge("quality", scoring("quality", 0.7), cost=100)
    async with at_work(url, judge) as works:
        job = await works.order(items, max_cost=550)
        stopped = await ended(works, job)
        await works.store.resume(DEFAULT_TENANT, job.name, max_cost=10_000)
        done = await ended(works, job)

        assert (stopped.state, stopped.problem) == (JobState.FAILED, Problem.COST_CEILING)
        assert (stopped.progress.scored, stopped.progress.micro_usd) == (5, 500)
        assert (done.progress.scored, done.progress.micro_usd) == (12, 1_200)


async def test_a_file_that_has_changed_is_not_gone_on_with(url: str, items: Path) -> None:
    async with at_work(url) as works:
        job = await works.order(items)
        write_items(items, ["another"])
        done = await ended(works, job)

        assert (done.state, done.problem) == (JobState.FAILED, Problem.INPUT)
        assert works.judge.started == 0


async def test_callers_are_not_told_where_the_server_has_its_files(url: str, items: Path) -> None:
    async with at_work(url) as works:
        changed = await works.order(items)
        write_items(items, ["another"])
        unwritable = await works.order(items, output=str(items.parent / "gone" / "out.jsonl"))
        details = [(await ended(works, job)).detail for job in (changed, unwritable)]

        assert [detail.partition(":")[0] for detail in details] == ["items.jsonl", "out.jsonl"]
        assert not any(str(items.parent) in detail for detail in details)


async def test_while_the_database_is_away_the_job_waits(
    url: str, items: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(url) as works:
        away, advance = iter([True, True]), works.store.advance

        async def sometimes(lease, step):  # type: ignore[no-untyped-def]
            if next(away, False):
                raise StorageUnavailable
            return await advance(lease, step)

        monkeypatch.setattr("moa_scorer.storage.jobs.SqlJobs.advance", lambda _, *args: sometimes(*args))
        done = await ended(works, await works.order(items))

        assert done.state is JobState.SUCCEEDED
        assert done.progress.scored == works.judge.started == 12


async def test_a_job_that_was_given_to_another_is_let_go_of(url: str, items: Path) -> None:
    judge = ScriptedJudge("quality", scoring("quality", 0.7), delay=0.2)
    async with at_work(url, judge) as works:
        job = await works.order(items, concurrency=1)
        running = asyncio.create_task(works.runner(lease=0.15).run_one(job.name))
        await judge.asked.wait()
        async with works.database.writing() as connection:
            await connection.execute(text("UPDATE jobs SET token = 'another'"))
        await asyncio.wait_for(running, 5)

        assert judge.cancelled == 1
        assert (await works.job(job.name)).state is JobState.RUNNING


async def test_a_judge_that_crashes_is_an_abstention_not_a_failure(url: str, items: Path) -> None:
    judge = ScriptedJudge("quality", crashing(RuntimeError("bug")))
    async with at_work(url, judge) as works:
        done = await ended(works, await works.order(items, attempts=1))

        assert done.progress.unscored == 12


async def test_without_records_to_keep_items_have_none_and_are_served_all_the_same(
    url: str, items: Path
) -> None:
    async with at_work(url) as works:
        done = await ended(works, await works.order(items, retention=Retention.NOTHING))

        assert done.progress.scored == 12
        assert {line.get("record", "") for line in lines_of(str(items.with_suffix(".out")))} == {""}


async def test_deleting_a_job_frees_its_request_ids_and_keeps_its_records(url: str, items: Path) -> None:
    async with at_work(url) as works:
        job = await works.order(items)
        done = await ended(works, job)
        await works.store.delete(DEFAULT_TENANT, job.name)
        async with works.database.reading() as connection:
            ids = (await connection.execute(text("SELECT count(*) FROM request_ids"))).scalar()
            records = (await connection.execute(text("SELECT count(*) FROM records"))).scalar()

        assert replace(done, state=JobState.SUCCEEDED) == done
        assert (ids, records) == (0, 12)
