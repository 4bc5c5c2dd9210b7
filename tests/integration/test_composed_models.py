"""From files to judges: what the composition builds asks the fake vendor with the key the file refers to."""

from pathlib import Path

import pytest

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.probe import Probed, probe
from moa_scorer.app.settings import Settings
from moa_scorer.domain.ballot import Ballot, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.providers.spec import Wire
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, Price, write_catalogue
from tests.fakes.vendor import Vendor

KEY = "key-of-the-fake"


def _compose(folder: Path, vendor: Vendor) -> Application:
    judges = [FakeJudge(name=f"{w}_judge", kind=w, base_url=vendor.base_url(w)) for w in Wire]
    panel = FakePanel(name="three", judges=tuple(j.name for j in judges), quorum=2)
    price = Price(input=1, output=2)
    write_catalogue(folder, judges=judges, panels=[panel], criteria=["clarity"], price=price)
    return compose(Settings(panel="three", catalog_dir=folder, models_dir=folder))


async def _ballots(application: Application) -> tuple[Ballot, ...]:
    pipeline = application.pipeline
    request = ScoreRequest(content=Content(text="A plain text of some length, to be judged.", language="en"))
    scoring = await pipeline.score(request, Budget.starting(pipeline.clock.monotonic(), 20.0))
    return scoring.verdict.ballots


async def test_three_wire_formats_judge_with_the_key_of_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    async with Vendor(key=KEY) as vendor:
        application = _compose(tmp_path, vendor)
        ballots = await _ballots(application)
        await application.aclose()

    assert [type(ballot.outcome) for ballot in ballots] == [Judgment] * 3
    assert all(ballot.usage.calls == 1 and ballot.usage.micro_usd > 0 for ballot in ballots)


async def test_judges_without_their_key_abstain_and_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    async with Vendor(key=KEY) as vendor:
        application = _compose(tmp_path, vendor)
        ballots, missing = await _ballots(application), await application.missing()
        await application.aclose()

    assert vendor.calls == 0
    assert not any(isinstance(ballot.outcome, Judgment) for ballot in ballots)
    assert len(missing) == 3
    assert all(KEY_VARIABLE in why for why in missing.values())


async def test_a_probe_tells_who_answers_and_who_refuses_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Vendor(key=KEY) as vendor:
        application = _compose(tmp_path, vendor)
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        right = await _probe(application)
        monkeypatch.setenv(KEY_VARIABLE, "another-key")
        wrong = await _probe(application)
        await application.aclose()

    assert [p.answered for p in right] == [True] * 3
    assert [p.answered for p in wrong] == [False] * 3
    assert not any("another-key" in p.words for p in wrong)


async def _probe(application: Application) -> list[Probed]:
    return await probe(application.network, application.sitting(), application.pipeline.clock)
