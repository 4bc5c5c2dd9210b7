"""Ratings and ballots side by side: a missing judgment stays missing."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.domain.ballot import AbstentionReason, ScoreKind
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import BallotRow
from moa_scorer.learning.study.table import rated_table, usable_items

RUBRIC = Rubric(
    name="r",
    version=1,
    title="",
    kinds=("note",),
    criteria=(Criterion(name="fluency", description="", weight=3), Criterion(name="depth", description="")),
)


def item(name: str, fluency: tuple[float, ...], depth: tuple[float, ...], system: str = "") -> RatedItem:
    return RatedItem(
        dataset="d",
        id=name,
        group=f"g{name}",
        system=system,
        kind="note",
        text="A few plain words about nothing much.",
        context="",
        ratings={k: v for k, v in (("fluency", fluency), ("depth", depth)) if v},
    )


def row(item_id: str, judge: str, **scores: float) -> BallotRow:
    return BallotRow(item=item_id, judge=judge, revision="1", scores=scores)


ITEMS = [item("a", (1.0, 0.5), (0.5, 0.0), "s"), item("b", (0.0, 0.0), (1.0, 1.0)), item("c", (0.5,), ())]
ROWS = {
    "a": {"x": row("a", "x", one=0.1, two=0.2), "y": row("a", "y", one=0.3)},
    "b": {
        "x": BallotRow(
            item="b",
            judge="x",
            revision="1",
            scores={"one": 0.4},
            abstained={"two": AbstentionReason.NO_CONTEXT},
        ),
        "y": BallotRow(item="b", judge="y", revision="1", abstained={"": AbstentionReason.TOO_SHORT}),
    },
    "c": {"x": row("c", "x", one=0.5), "y": row("c", "y", one=0.5)},
}


def table(judges: tuple[str, ...] = ("y", "x")):
    chosen = usable_items(ITEMS, ROWS, RUBRIC, judges)
    return rated_table(chosen, ROWS, RUBRIC, judges, measures=lambda _: {"words": 7.0})


def test_columns_stand_in_panel_order_with_measures_last() -> None:
    assert table().columns == ("y/one", "x/one", "x/two", "measures/words")


def test_an_abstention_is_missing_and_never_a_number() -> None:
    np.testing.assert_array_equal(table().values, [[0.3, 0.1, 0.2, 7.0], [np.nan, 0.4, np.nan, 7.0]])
    assert table().abstentions == {"y/one": {"too_short": 0.5}, "x/two": {"no_context": 0.5}}


def test_targets_are_means_and_the_overall_is_weighted_by_the_rubric() -> None:
    targets = table().targets
    np.testing.assert_allclose(targets["fluency"], [0.75, 0.0])
    np.testing.assert_allclose(targets[OVERALL], [0.75 * 0.75 + 0.25 * 0.25, 0.25])


def test_raters_are_counted_and_their_variance_is_that_of_their_own_overall() -> None:
    assert list(table().raters) == [2, 2]
    mine = [0.75 * 1.0 + 0.25 * 0.5, 0.75 * 0.5 + 0.25 * 0.0]
    np.testing.assert_allclose(table().rater_variance[OVERALL], [np.var(mine, ddof=1), 0.0])


def test_an_item_with_an_unrated_criterion_or_without_a_ballot_is_not_usable() -> None:
    assert [i.id for i in usable_items(ITEMS, ROWS, RUBRIC, ("x",))] == ["a", "b"]
    assert usable_items(ITEMS, ROWS, RUBRIC, ("x", "z")) == []
    with pytest.raises(ValueError, match="usable_items"):
        rated_table(ITEMS, ROWS, RUBRIC, ("x",), measures=lambda _: {})


def test_the_source_is_the_writer_where_known() -> None:
    assert table().sources == ("d/s", "d")


def test_scores_of_a_rarer_kind_are_missing_and_the_usual_kind_is_kept() -> None:
    odd = replace(ROWS["b"]["x"], kinds={"one": ScoreKind.SAMPLES})
    usual = {
        i: {**ROWS[i], "x": replace(ROWS[i]["x"], kinds=dict.fromkeys(("one", "two"), ScoreKind.LOGPROBS))}
        for i in "ac"
    }
    chosen = [ITEMS[0], replace(ITEMS[0], id="c"), ITEMS[1]]
    found = rated_table(
        chosen, {**usual, "b": {**ROWS["b"], "x": odd}}, RUBRIC, ("x",), measures=lambda _: {}
    )
    assert found.kinds == {"x/one": ScoreKind.LOGPROBS, "x/two": ScoreKind.LOGPROBS}
    np.testing.assert_array_equal(found.values[:, 0], [0.1, 0.5, np.nan])


def test_a_later_judge_that_read_less_than_it_ever_does_is_missing() -> None:
    late = {i: row(i, "z", all=0.5) for i in "ab"}
    rows = {
        "a": {**ROWS["a"], "z": replace(late["a"], read=("x", "y"))},
        "b": {**ROWS["b"], "z": replace(late["b"], read=("x",))},
    }
    found = rated_table(ITEMS[:2], rows, RUBRIC, ("x", "y", "z"), measures=lambda _: {})
    np.testing.assert_array_equal(found.values[:, found.columns.index("z/all")], [0.5, np.nan])
