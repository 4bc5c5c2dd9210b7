"""Whom to believe on a question of yes or no with few ratings."""

import math
from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.coins import UNSEEN, fit_coins, shares_of
from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.reference import EMPTY_REFERENCE, order_of
from moa_scorer.calibration.snapshot import Head
from moa_scorer.calibration.table import RatedTable
from tests.fakes.ratings import SKILLS, make_panel, make_rubric, simulate

YES_NO = np.array([1.0, 1.0, 0.0, 0.0])


def _head(table: RatedTable) -> Head:
    return fit(
        table,
        rubric=make_rubric(("clarity",)),
        kinds=("essay",),
        languages=(),
        panel=make_panel(),
        judge_revisions={},
        seed=0,
        origin=Origin(created="2026-01-01", code="test"),
        reference=EMPTY_REFERENCE,
    ).head("clarity")


def _yes_or_no(items: int) -> RatedTable:
    """ann is right, bob says the opposite on every other item, cid always says yes."""
    table = simulate(items=items, group_size=1, criteria=("clarity",), measures=False)
    truth = (np.arange(items) % 3 > 0).astype(float)
    half = np.where(np.arange(items) % 2 > 0, truth, 1.0 - truth)
    values = np.column_stack([truth, half, np.ones(items)])[:, : len(table.columns)]
    return replace(table, values=values, targets={"clarity": truth})


def test_coins_by_hand() -> None:
    """Right on 4 of 4: (4 + 6) / (4 + 10) = 10 / 14, odds 2.5. On 2: 8 / 14, odds 4/3. On none: 6 / 14.

    A score of one half is half right: 2 of 4.
    """
    scores = {
        "right": YES_NO,
        "yes": np.ones(4),
        "wrong": 1.0 - YES_NO,
        "unsure": np.full(4, 0.5),
        "silent": np.full(4, np.nan),
    }
    found = fit_coins(scores, YES_NO, None)
    assert found["right"] == pytest.approx(math.log(2.5), abs=1e-6)
    assert found["yes"] == found["unsure"] == pytest.approx(math.log(4 / 3), abs=1e-6)
    assert found["wrong"] == 0.0
    assert found["silent"] == UNSEEN


def test_ratings_between_yes_and_no_or_all_alike_have_no_coins() -> None:
    assert fit_coins({"a": YES_NO}, np.array([1.0, 0.5, 0.0, 0.0]), None) == {}
    assert fit_coins({"a": YES_NO}, np.ones(4), None) == {}


def test_items_count_what_they_weigh() -> None:
    """An item that counts twice is two items."""
    twice = fit_coins({"a": np.ones(4)}, YES_NO, np.array([2.0, 1.0, 1.0, 1.0]))
    assert twice == fit_coins({"a": np.ones(5)}, np.append(YES_NO, 1.0), None)


def test_shares_of_any_judges_sum_to_one() -> None:
    coins = {"a": 0.9, "b": 0.3, "c": 0.0}
    assert shares_of(("a", "b"), coins) == pytest.approx({"a": 0.75, "b": 0.25})
    assert shares_of(("c",), coins) == {"c": 1.0}
    assert shares_of(("a", "b"), {}) == {"a": 0.5, "b": 0.5}
    assert shares_of(("a", "new"), coins)["new"] == pytest.approx(UNSEEN / (UNSEEN + 0.9))


def test_the_order_follows_the_coins() -> None:
    values, coins = {"a/wit": 1.0, "b/wit": 0.0}, {"a": 0.9, "b": 0.3}
    assert order_of(values, EMPTY_REFERENCE, head="wit") == pytest.approx(0.5)
    assert order_of(values, EMPTY_REFERENCE, head="wit", coins=coins) == pytest.approx(0.75)


def test_a_handful_of_yes_or_no_ratings_tells_who_is_right() -> None:
    coins = _head(_yes_or_no(12)).coins
    ann, bob, *_ = SKILLS
    assert coins[ann] > 2 * coins[bob]


def test_the_mean_score_stays_the_mean_rating() -> None:
    table = _yes_or_no(12)
    head = _head(table)
    orders = [
        order_of(
            dict(zip(table.columns, row, strict=True)), EMPTY_REFERENCE, head="clarity", coins=head.coins
        )
        for row in table.values.tolist()
    ]
    assert np.mean(orders) + head.offset == pytest.approx(head.mean, abs=1e-5)


def test_ratings_of_degrees_and_fits_of_more_items_have_no_coins() -> None:
    graded = simulate(items=12, criteria=("clarity",), measures=False)
    assert _head(graded).coins == {}
    assert _head(_yes_or_no(30)).coins == {}
