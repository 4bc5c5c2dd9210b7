"""The figures of a transfer, and what they promise."""

import math

import pytest

from moa_scorer.learning.loop.transfer import CRITERION, Transfer, drawn_items, one_criterion, pooled
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import BallotRow
from moa_scorer.learning.study.study import Study
from tests.fakes.ratings import simulate


def measured(items: int, valid: float, coverage: float, *, alarm: bool = False) -> Transfer:
    return Transfer(
        fitted="a",
        measured="b",
        items=items,
        valid_alone=valid,
        coverage_alone=coverage,
        evidence=3.0 if alarm else 0.0,
        alarm=alarm,
        found_from=20 if alarm else None,
        valid=0.0 if alarm else valid,
        coverage=math.nan if alarm else coverage,
    )


@pytest.mark.parametrize(
    ("valid", "coverage", "kept"), [(1.0, 0.9, True), (1.0, 0.84, False), (0.0, math.nan, True)]
)
def test_the_promise_is_broken_only_by_what_is_called_valid(
    valid: float, coverage: float, kept: bool
) -> None:
    assert measured(100, valid, coverage).kept is kept


def test_parts_are_pooled_by_their_items() -> None:
    whole = pooled([measured(100, 1.0, 0.9), measured(300, 0.5, 0.8)])

    assert whole.items == 400
    assert whole.valid == pytest.approx(0.625)
    assert whole.coverage == pytest.approx((100 * 0.9 + 150 * 0.8) / 250)


def test_an_alarm_in_one_part_is_told_of_the_whole() -> None:
    whole = pooled([measured(100, 1.0, 0.9), measured(100, 1.0, 0.3, alarm=True)])

    assert whole.alarm
    assert (whole.valid, whole.coverage, whole.found_from) == (0.5, 0.9, 20)


def test_a_study_of_one_criterion_keeps_its_scores_under_the_common_name() -> None:
    item = RatedItem(
        dataset="d", id="i", group="g", system="", kind="essay", text="", context="",
        ratings={"clarity": (0.5,), "depth": (0.1,)},
    )  # fmt: skip
    row = BallotRow(item="i", judge="ann", revision="", scores={"clarity": 0.4, "depth": 0.2})
    study = Study(
        name="essays", items=(item,), rows={"i": {"ann": row}}, judges=("ann",), criteria=("clarity", "depth")
    )
    own = one_criterion(study, "depth")

    assert (own.name, own.criteria, own.kind) == ("essays depth", (CRITERION,), CRITERION)
    assert own.rows["i"]["ann"].scores == {CRITERION: 0.2}
    assert own.items[0].ratings == {CRITERION: (0.1,)}


def test_whole_groups_are_drawn() -> None:
    table = simulate(30, group_size=3)
    drawn = drawn_items(table, 0, share=0.5)

    assert drawn.size == 15
    assert len({table.groups[i] for i in drawn}) == 5
