"""What a reload takes over, keeps and refuses."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.files.catalogue import CatalogFiles
from moa_scorer.app.files.stamps import differing, stamps
from moa_scorer.app.serving.reload import Reloader
from moa_scorer.app.settings import Settings
from moa_scorer.calibration.standing import OpenAlarm, SnapshotState
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.domain.verdict import Decision
from moa_scorer.telemetry import events
from tests.fakes.judges import STRICT, ScriptedJudge, make_pipeline, scoring

POLICY = """\
name: mine
version: 1
title: Mine
rules: []
otherwise: {otherwise}
on_unscored: review
"""
ENDPOINT = """\
name: {name}
kind: ollama
base_url: http://127.0.0.1:9/v1
seconds: {seconds}
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    for folder in ("policies", "endpoints"):
        (tmp_path / folder).mkdir()
    (tmp_path / "policies" / "mine.yaml").write_text(POLICY.format(otherwise="accept"))
    for name in ("one", "two"):
        (tmp_path / "endpoints" / f"{name}.yaml").write_text(ENDPOINT.format(name=name, seconds=1))
    return tmp_path


@pytest.fixture
def application(catalogue: Path) -> Iterator[Application]:
    found = compose(Settings(panel="embedded-fast", catalog_dir=catalogue))
    yield found
    found.close()


def test_stamps_tell_what_came_went_and_changed(catalogue: Path) -> None:
    before = stamps(catalogue)
    file = catalogue / "policies" / "mine.yaml"
    file.write_text(POLICY.format(otherwise="reject"))
    (catalogue / "policies" / "more.yaml").write_text("")
    (catalogue / "endpoints" / "one.yaml").unlink()

    found = {Path(path).name for path in differing(before, stamps(catalogue))}

    assert found == {"mine.yaml", "more.yaml", "one.yaml"}
    assert differing(before, before) == ()


async def test_a_reload_swaps_the_catalogue_and_keeps_judges_endpoints_and_snapshots(
    application: Application, catalogue: Path
) -> None:
    old, network = application.catalog, application.network
    (catalogue / "policies" / "mine.yaml").write_text(POLICY.format(otherwise="reject"))
    (catalogue / "endpoints" / "two.yaml").write_text(ENDPOINT.format(name="two", seconds=2))

    assert await Reloader(application).reload() == ("~policies/mine@1",)

    new = application.catalog
    assert new.policy(DEFAULT_TENANT, "mine").otherwise == "reject"
    assert all(new.judges[name] is judge for name, judge in application.kept_judges.items())
    assert all(a is b for a, b in zip(new.snapshots, old.snapshots, strict=True))
    assert application.network.endpoints["one"] is network.endpoints["one"]
    assert application.network.endpoints["two"] is not network.endpoints["two"]
    assert application.network.http is network.http


async def test_what_was_found_while_serving_outlives_a_reload(application: Application) -> None:
    state = SnapshotState(alarms=(OpenAlarm(judge="civility", since="2026-11-01", what="drifts"),))
    judge = JudgeState(judge="fluency", standing=JudgeStanding.QUARANTINED, since=datetime.now(UTC))
    old = application.catalog
    reloader = Reloader(application)
    original = reloader._read

    def found_meanwhile(settings: Settings) -> CatalogFiles:
        files = original(settings)
        application.pipeline.catalog = replace(
            old, states={"comment.comment.embedded": state}, judge_states={"fluency": judge}
        )
        return files

    reloader._read = found_meanwhile  # type: ignore[method-assign]
    await reloader.reload()

    assert application.catalog.states["comment.comment.embedded"] == state
    assert application.catalog.judge_states == {"fluency": judge}


async def test_a_request_in_flight_ends_by_the_policy_that_it_began_with() -> None:
    judge = ScriptedJudge("a", scoring("a", 0.9), delay=0.2)
    pipeline = make_pipeline([judge])
    other = replace(STRICT, otherwise=Decision.REJECT)
    request = ScoreRequest(content=Content(text="a text"), policy="strict")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(pipeline.score(request, Budget.starting(time.monotonic(), 10)))
        await judge.asked.wait()
        pipeline.catalog = replace(pipeline.catalog, policies=(other,))
    assert running.result().ruling.decision is Decision.ACCEPT
    after = await pipeline.score(request, Budget.starting(time.monotonic(), 10))
    assert after.ruling.decision is Decision.REJECT
    await pipeline.aclose()


async def test_with_a_mistake_in_any_file_nothing_is_taken_over(
    application: Application, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, network = application.catalog, application.network
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(events, "reload_refused", lambda *, mistakes: told.append(mistakes))
    (catalogue / "policies" / "mine.yaml").write_text(POLICY.format(otherwise="reject"))
    (catalogue / "policies" / "other.yaml").write_text("name: other")

    with pytest.raises(ConfigurationError, match="other"):
        await Reloader(application).reload()

    assert application.catalog is old
    assert application.network is network
    assert "other.yaml" in told[0][0]


async def test_a_bug_in_one_reload_does_not_end_the_next(
    application: Application, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes: list[str] = []
    monkeypatch.setattr(events, "reload_crashed", lambda *, error: crashes.append(error))
    reloader = Reloader(application)
    reload, done = reloader.reload, asyncio.Event()

    async def crash_once(changed: tuple[str, ...] = ()) -> tuple[str, ...]:
        if not crashes:
            reloader.ask()
            raise ZeroDivisionError
        told = await reload(changed)
        done.set()
        return told

    monkeypatch.setattr(reloader, "reload", crash_once)
    async with asyncio.TaskGroup() as group:
        following = group.create_task(reloader.run())
        reloader.ask()
        await done.wait()
        following.cancel()
    assert crashes == ["ZeroDivisionError"]
