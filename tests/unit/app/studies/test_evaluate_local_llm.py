import pytest

from moa_scorer.app.studies.collect_local_llm import by_turns
from moa_scorer.app.studies.evaluate_local_llm import KINDS, METHODS, markdown, said
from moa_scorer.learning.embedded.evaluate import Figure
from moa_scorer.learning.study.ratings import RatedItem


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.2, -0.01, "worse"),
        (-0.2, 0.01, "not worse"),
        (-0.04, 0.01, "not worse by more than 0.05"),
        (0.01, 0.2, "better"),
    ],
)
def test_a_difference_is_said_in_the_registered_words(low: float, high: float, words: str) -> None:
    assert said(Figure(value=(low + high) / 2, low=low, high=high)) == words


def test_the_report_has_a_row_for_every_kind_and_fit() -> None:
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    part = {
        "overall": dict.fromkeys(METHODS, figure),
        "difference": figure,
        "said": "better",
        "criteria": {"coherence": dict.fromkeys(METHODS, 0.5)},
    }
    found = {k: {"texts": 150, "ballots": "0" * 64, "all texts": part, "asked texts": part} for k in KINDS}
    written = markdown(found)
    assert written.count("| better |") == 2 * len(KINDS)
    assert "+0.500 [+0.400, +0.600]" in written


def test_texts_of_both_kinds_are_asked_by_turns_and_none_is_lost() -> None:
    def item(name: str) -> RatedItem:
        return RatedItem(
            dataset="d", id=name, group=name, system="", kind="story", text="t", context="", ratings={}
        )

    turns = by_turns([[item("a"), item("b"), item("c")], [item("x")]])
    assert [each.id for each in turns] == ["a", "x", "b", "c"]
