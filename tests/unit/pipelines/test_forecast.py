"""What a backfill will take is told from a sample, before anybody is asked."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from moa_scorer.contract.limits import LIMITS
from moa_scorer.domain.errors import InvalidRequest, NotFound, Precondition, RequestIdReused
from moa_scorer.domain.job import Forecast, JobKind
from moa_scorer.domain.job_order import Backfill, Columns
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.pipelines import desk as desks
from moa_scorer.pipelines.desk import Desk
from moa_scorer.pipelines.folder import Folder, beside
from tests.fakes.jobs import Works, at_work, write_items
from tests.fakes.judges import ScriptedJudge, scoring


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


def desk_of(works: Works, folder: Path | None) -> Desk:
    return Desk(
        store=works.store,
        pipeline=works.pipeline,
        limits=LIMITS,
        places=Folder(path=folder),
        kinds=(JobKind.BACKFILL,),
    )


async def order_of(desk: Desk, name: str, **more: object) -> Backfill:
    source, output = await desk.files(DEFAULT_TENANT, name, "", Columns())
    return Backfill(source=source, output=output, **more)  # type: ignore[arg-type]


async def test_cost_and_time_are_those_of_the_items_that_can_be_served(url: str, tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", ["x" * 1_000] * 150 + [" "] * 50)
    async with at_work(url, ScriptedJudge("quality", scoring("quality", 0.7), cost=100)) as works:
        desk = desk_of(works, tmp_path)
        found = await desk.forecast(DEFAULT_TENANT, await order_of(desk, "items.jsonl", concurrency=2))

        served = 200 * (1 - found.unreadable / found.sampled)
        assert (found.items, found.sampled) == (200, 64)
        assert 4 < found.unreadable < 30
        assert found.micro_usd == round(served * 100)
        assert found.seconds == pytest.approx(served * 0.001 / 2)
        assert works.judge.started == 0


async def test_an_order_that_names_what_is_not_there_is_refused_before_it_is_kept(
    url: str, tmp_path: Path
) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"])
    async with at_work(url) as works:
        desk = desk_of(works, tmp_path)
        with pytest.raises(NotFound):
            await desk.start(DEFAULT_TENANT, await order_of(desk, "items.jsonl", panel="nobody"))

        assert await works.store.page(DEFAULT_TENANT, 10) == []


async def test_a_few_files_are_read_at_once_and_the_other_orders_wait(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"])
    busy = [0, 0]

    async def forecast(*_: object) -> Forecast:
        busy[0] += 1
        busy[1] = max(busy)
        await asyncio.sleep(0)
        busy[0] -= 1
        return Forecast(items=1, sampled=1, unreadable=0, calls=0, micro_usd=0, seconds=0.0)

    monkeypatch.setattr(desks, "forecast", forecast)
    async with at_work(url) as works:
        desk = desk_of(works, tmp_path)
        order = await order_of(desk, "items.jsonl")
        await asyncio.gather(*(desk.forecast(DEFAULT_TENANT, order) for _ in range(10)))

    assert busy == [0, desks.READ]


async def test_a_repeated_request_id_gives_the_same_job(url: str, tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"])
    async with at_work(url) as works:
        desk = desk_of(works, tmp_path)
        order = await order_of(desk, "items.jsonl")
        first = await desk.start(DEFAULT_TENANT, order, "r1")
        again = await desk.start(DEFAULT_TENANT, order, "r1")
        other = await desk.start(DEFAULT_TENANT, replace(order, seed=1), "r2")

        assert first == again
        assert other.name != first.name
        with pytest.raises(RequestIdReused):
            await desk.start(DEFAULT_TENANT, replace(order, seed=2), "r1")


@pytest.mark.parametrize("name", ["../items.jsonl", "/etc/passwd", "", "link.jsonl", "no.jsonl"])
async def test_files_outside_of_the_folder_or_not_there_are_refused(tmp_path: Path, name: str) -> None:
    home = tmp_path / "jobs"
    home.mkdir()
    write_items(tmp_path / "items.jsonl", ["fine"])
    (home / "link.jsonl").symlink_to(tmp_path / "items.jsonl")

    with pytest.raises(InvalidRequest, match=r"backfill\.input"):
        await Folder(path=home).files(DEFAULT_TENANT, name, "", Columns())


@pytest.mark.parametrize("output", ["items.jsonl", "old.jsonl", "nowhere/new.jsonl"])
async def test_results_overwrite_nothing(url: str, tmp_path: Path, output: str) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"])
    write_items(tmp_path / "old.jsonl", ["old"])
    async with at_work(url) as works:
        desk = desk_of(works, tmp_path)
        order = replace(await order_of(desk, "items.jsonl"), output=str(tmp_path / output))

        with pytest.raises(InvalidRequest, match=r"backfill\.output"):
            await desk.start(DEFAULT_TENANT, order)


async def test_results_stay_in_the_folder(tmp_path: Path) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"])

    with pytest.raises(InvalidRequest, match=r"backfill\.output"):
        await Folder(path=tmp_path).files(DEFAULT_TENANT, "items.jsonl", "../new.jsonl", Columns())


async def test_another_tenant_sees_its_own_folder_only(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    write_items(tmp_path / "items.jsonl", ["fine"])
    write_items(tmp_path / "acme" / "own.jsonl", ["fine"])
    folder, acme = Folder(path=tmp_path), Tenant("acme")
    source, output = await folder.files(acme, "own.jsonl", "", Columns())

    assert folder.shown(acme, source.path) == "own.jsonl"
    assert folder.shown(acme, output) == "own.results.jsonl"
    with pytest.raises(InvalidRequest):
        await folder.files(acme, "../items.jsonl", "", Columns())


async def test_the_default_tenant_sees_nobody_elses_files_where_callers_are_told_apart(
    tmp_path: Path,
) -> None:
    for tenant in ("acme", "default"):
        (tmp_path / tenant).mkdir()
        write_items(tmp_path / tenant / "items.jsonl", ["fine"])
    folder = Folder(path=tmp_path, apart=True)
    source, _ = await folder.files(DEFAULT_TENANT, "items.jsonl", "", Columns())

    assert source.path == str(tmp_path / "default" / "items.jsonl")
    for name in ("acme/items.jsonl", "../acme/items.jsonl"):
        with pytest.raises(InvalidRequest):
            await folder.files(DEFAULT_TENANT, name, "", Columns())


@pytest.mark.parametrize("name", ["..", ".", "", "/", "acme/..", "../other"])
async def test_no_name_of_a_tenant_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    write_items(tmp_path / "items.jsonl", ["fine"])
    (tmp_path / "jobs").mkdir()
    with pytest.raises(Precondition, match="jobs_dir"):
        await Folder(path=tmp_path / "jobs").files(Tenant(name), "items.jsonl", "", Columns())


async def test_without_a_folder_no_file_can_be_named() -> None:
    with pytest.raises(Precondition, match="jobs_dir"):
        await Folder(path=None).files(DEFAULT_TENANT, "items.jsonl", "", Columns())


@pytest.mark.parametrize(
    ("name", "wanted"), [("a.jsonl.gz", "a.results.jsonl"), ("b.csv", "b.results.jsonl")]
)
def test_results_go_beside_the_items(name: str, wanted: str) -> None:
    assert beside(Path("x") / name) == Path("x") / wanted
