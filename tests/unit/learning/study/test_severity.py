"""Severity of raters: worked by hand, and found again where it is known."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.severity import LAMBDA, severities_of, without_severity
from moa_scorer.learning.study.study import Study


def rated(name: str, votes: Mapping[str, float], *, named: bool = True) -> RatedItem:
    return RatedItem(
        dataset="made",
        id=f"made/{name}",
        group=f"made/{name}",
        system="",
        kind="note",
        text="",
        context="",
        ratings={"depth": tuple(votes.values())},
        raters={"depth": tuple(votes)} if named else {},
    )


def study(items: list[RatedItem]) -> Study:
    return Study(name="made", items=tuple(items), rows={}, judges=(), criteria=("depth",))


def simulated(
    rng: np.random.Generator, worths: np.ndarray, severity: np.ndarray, each: int
) -> list[RatedItem]:
    """Every item is rated by `each` raters drawn anew, with noise of 0.1."""
    found = []
    for i, worth in enumerate(worths):
        drawn = rng.permutation(severity.size)[:each]
        votes = {f"r{k:02d}": float(worth - severity[k] + rng.normal(0, 0.1)) for k in drawn}
        found.append(rated(str(i), votes))
    return found


def test_two_raters_one_item_worked_by_hand() -> None:
    # 5.5 s_a - 0.5 s_b = 0.1 and -0.5 s_a + 5.5 s_b = -0.1: s_a = 0.1 / 6, s_b = -0.1 / 6.
    found = severities_of([rated("1", {"a": 0.4, "b": 0.6})])["depth"]

    assert found == pytest.approx({"a": 0.1 / 6, "b": -0.1 / 6})


def test_ten_shared_items_are_believed_by_two_thirds() -> None:
    # Each item adds 0.5 to the diagonal and takes 0.5 off beside it: (5 + 10) s = 10 * 0.1 for a - b.
    items = [rated(str(i), {"a": 0.4, "b": 0.6}) for i in range(10)]

    assert severities_of(items)["depth"]["a"] == pytest.approx(1 / 15)


def test_the_mean_rating_stays_whoever_rates_most() -> None:
    items = [rated(str(i), {"busy": 0.4, f"r{i}": 0.6}) for i in range(9)]
    found = without_severity(study(items)).items

    assert np.mean([r for i in found for r in i.ratings["depth"]]) == pytest.approx(0.5)
    assert severities_of(items)["depth"]["busy"] > 0


def test_known_severities_are_found_again() -> None:
    rng = np.random.default_rng(7)
    true = rng.normal(0, 0.1, 12)
    true -= true.mean()
    found = severities_of(simulated(rng, rng.uniform(0.35, 0.65, 300), true, each=4))["depth"]
    estimated = np.array([found[f"r{k:02d}"] for k in range(12)])

    assert np.corrcoef(true, estimated)[0, 1] > 0.97
    assert np.max(np.abs(true - estimated)) < 0.04


def test_item_means_come_nearer_to_the_truth() -> None:
    rng = np.random.default_rng(3)
    severity = rng.normal(0, 0.15, 8)
    worths = rng.uniform(0.35, 0.65, 200)
    items = simulated(rng, worths, severity, each=2)
    raw = np.array([i.mean("depth") for i in items], dtype=float)
    better = np.array([i.mean("depth") for i in without_severity(study(items)).items], dtype=float)

    assert np.corrcoef(better, worths)[0, 1] > np.corrcoef(raw, worths)[0, 1] + 0.05


def test_single_raters_stay_as_they_are() -> None:
    items = [rated("1", {"a": 0.2}), rated("2", {"b": 0.9})]

    assert without_severity(study(items)).items == tuple(items)


def test_without_names_nothing_changes() -> None:
    whole = study([rated("1", {"a": 0.2, "b": 0.4}, named=False)])

    assert without_severity(whole) is whole


def test_severities_of_other_items_hold_and_unknown_raters_are_left() -> None:
    whole = study([rated("1", {"a": 0.5, "new": 0.5})])
    found = without_severity(whole, {"depth": {"a": 0.1}})

    assert found.items[0].ratings["depth"] == pytest.approx((0.6, 0.5))


def test_ratings_stay_on_their_scale() -> None:
    whole = study([rated("1", {"a": 0.95, "b": 0.1})])
    found = without_severity(whole, {"depth": {"a": 0.2, "b": -0.2}})

    assert found.items[0].ratings["depth"] == (1.0, 0.0)


def test_it_is_ridge_regression_on_raters_with_an_unpenalised_worth_of_each_item() -> None:
    rng = np.random.default_rng(11)
    items = simulated(rng, rng.uniform(0.2, 0.8, 15), rng.normal(0, 0.1, 6), each=3)
    rows, values = [], []
    for i, item in enumerate(items):
        for rater, value in zip(item.raters["depth"], item.ratings["depth"], strict=True):
            rows.append([float(k == i) for k in range(15)] + [-float(rater == f"r{k:02d}") for k in range(6)])
            values.append(value)
    penalty = np.hstack([np.zeros((6, 15)), np.sqrt(LAMBDA) * np.eye(6)])
    solved, *_ = np.linalg.lstsq(np.vstack([rows, penalty]), np.array([*values, *[0.0] * 6]))
    counts = -np.array(rows)[:, 15:].sum(axis=0)
    expected = solved[15:] - np.average(solved[15:], weights=counts)

    found = severities_of(items)["depth"]
    assert [found[f"r{k:02d}"] for k in range(6)] == pytest.approx(expected.tolist(), abs=1e-12)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=8), st.randoms())
def test_the_order_of_items_does_not_matter(rows: list[list[float]], random: object) -> None:
    items = [rated(str(i), dict(zip("abc", row, strict=True))) for i, row in enumerate(rows)]
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert severities_of(shuffled)["depth"] == pytest.approx(severities_of(items)["depth"], abs=1e-12)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=8))
def test_severities_of_raters_who_all_rate_everything_sum_to_zero(rows: list[list[float]]) -> None:
    items = [rated(str(i), dict(zip("abc", row, strict=True))) for i, row in enumerate(rows)]

    assert sum(severities_of(items)["depth"].values()) == pytest.approx(0, abs=1e-12)
