"""Collected ballots are the judge's own, of the content, and of a judge that had what it needs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from moa_scorer.app.compose import Application
from moa_scorer.app.studies.ballots import CollectionFailed, collect_ballots
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.judge import Asking
from moa_scorer.domain.panel import Layer
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import read_rows
from tests.fakes.judges import ScriptedJudge, abstaining, make_pipeline, scoring

ITEM = RatedItem(
    dataset="d", id="d/1", group="d/1", system="", kind="quality", text="A text.", context="", ratings={}
)


class StoodInFor(ScriptedJudge):
    """Answered by another endpoint."""

    async def judge(self, content: Any, rubric: Any, asking: Asking) -> Any:
        asking.tab.answered_by(model="m", stand_in="spare")
        return await super().judge(content, rubric, asking)


async def collected(log: Path, judges: Sequence[ScriptedJudge], layers: Sequence[Layer] = ()) -> None:
    pipeline = make_pipeline(judges, layers=layers)
    rubric = replace(pipeline.catalog.rubrics[0], name="general")
    catalog = replace(pipeline.catalog, rubrics=(*pipeline.catalog.rubrics, rubric))
    pool = SimpleNamespace(threads=1)
    application = cast(Application, SimpleNamespace(catalog=catalog, pipeline=pipeline, pool=pool))
    await collect_ballots(application, [ITEM], [judge.name for judge in judges], log, lambda done, all_: None)


async def test_a_ballot_is_kept(tmp_path: Path) -> None:
    await collected(tmp_path / "log", [ScriptedJudge("quality", scoring("quality", 0.5))])
    assert read_rows(tmp_path / "log")["d/1"]["quality"].scores == {"quality": 0.5}


@pytest.mark.parametrize("reason", [AbstentionReason.REFUSED, AbstentionReason.UNPARSEABLE])
async def test_an_abstention_that_says_something_of_the_content_is_kept(
    tmp_path: Path, reason: AbstentionReason
) -> None:
    await collected(tmp_path / "log", [ScriptedJudge("quality", abstaining(reason))])
    assert read_rows(tmp_path / "log")["d/1"]["quality"].abstained == {"": reason}


@pytest.mark.parametrize(
    "reason",
    [
        AbstentionReason.TIMEOUT,
        AbstentionReason.BUDGET,
        AbstentionReason.CIRCUIT_OPEN,
        AbstentionReason.NOT_NEEDED,
    ],
)
async def test_an_abstention_that_says_something_of_the_run_ends_it(
    tmp_path: Path, reason: AbstentionReason
) -> None:
    with pytest.raises(CollectionFailed, match=reason.value):
        await collected(tmp_path / "log", [ScriptedJudge("quality", abstaining(reason))])
    assert not (tmp_path / "log").exists()


async def test_what_stood_in_for_a_judge_casts_no_ballot_of_it(tmp_path: Path) -> None:
    with pytest.raises(CollectionFailed, match="spare stood in for quality"):
        await collected(tmp_path / "log", [StoodInFor("quality", scoring("quality", 0.5))])


async def test_a_judge_of_later_layers_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    judges = [ScriptedJudge(name, scoring(name, 0.5)) for name in ("quality", "style")]
    layers = (Layer(judges=("quality",)), Layer(judges=("style",)))
    with pytest.raises(CollectionFailed, match="style: reads the ballots"):
        await collected(tmp_path / "log", judges, layers)
    assert [judge.started for judge in judges] == [0, 0]
