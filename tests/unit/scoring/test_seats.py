"""A judge under its name in the panel."""

import pytest

from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import NotFound
from moa_scorer.domain.panel import Panel
from moa_scorer.scoring.seats import seated
from tests.fakes.judges import ScriptedJudge, make_catalog, scoring

PANEL = Panel(
    name="p",
    version=1,
    title="",
    judges=("first", "second", "plain"),
    quorum=1,
    default_rubric="quality",
    seats={"first": "model", "second": "model"},
)
MODEL, PLAIN = ScriptedJudge("model", scoring("model", 0.5)), ScriptedJudge("plain", scoring("plain", 0.5))
CATALOG = make_catalog([MODEL, PLAIN])


def test_one_judge_sits_twice_under_the_panels_names() -> None:
    first, second, plain = seated(PANEL, CATALOG)
    assert [j.profile.name for j in (first, second, plain)] == ["first", "second", "plain"]
    assert first.profile.revision == MODEL.profile.revision
    assert first.estimate(Content(text="x")) == MODEL.estimate(Content(text="x"))
    assert plain is PLAIN


def test_a_seat_for_a_judge_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound, match="model"):
        seated(PANEL, make_catalog([PLAIN]))
