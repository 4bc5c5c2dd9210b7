"""Ratings of items that were not chosen alike."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.calibration.apply import fused_score, mask_of, places_of, seen
from moa_scorer.calibration.conformal import conformal_quantile, effective_items
from moa_scorer.calibration.curves import knots_of, locate_all
from moa_scorer.calibration.files import read_snapshot, write_snapshot
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.isotonic import monotone_curve
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.propensity import MOST, column_means, item_weights, mean_of, worth
from moa_scorer.calibration.readout import fit_readout, rank_map
from moa_scorer.calibration.snapshot import Snapshot, document
from moa_scorer.calibration.stack import moments_of
from moa_scorer.calibration.table import RatedTable
from moa_scorer.calibration.votes import effective_votes
from moa_scorer.domain.verdict import IntervalKind
from tests.fakes.ratings import fitted, make_rubric, simulate

TWICE = np.array([1.0, 2.0, 1.0, 3.0, 1.0, 1.0, 2.0, 1.0])
RNG = np.random.default_rng(5)
X, Y = RNG.uniform(size=8), RNG.uniform(size=8)
AGAIN = np.repeat(np.arange(8), TWICE.astype(int))
"""Each item as often as it weighs."""


def _blind_spot(seed: int, items: int = 2000) -> tuple[RatedTable, np.ndarray]:
    """A table where judges praise a third of the groups that people do not, and the chance of a review there
    is a tenth; everything was rated."""
    table = simulate(items, seed=seed, group_size=1, measures=False)
    rng = np.random.default_rng([seed, 1])
    wrong = rng.uniform(size=items) < 1 / 3
    targets = {h: np.where(wrong, 0.3 * y, y) for h, y in table.targets.items()}
    return replace(table, targets=targets), np.where(wrong, 0.1, 1.0)


def _reviewed(table: RatedTable, chance: np.ndarray, seed: int) -> RatedTable:
    chosen = np.flatnonzero(np.random.default_rng([seed, 2]).uniform(size=table.items) < chance)
    return replace(table.take(chosen), propensity=chance[chosen])


def _coverage(snapshot: Snapshot, table: RatedTable) -> float:
    truth, inside = with_overall(table, make_rubric())["overall"], 0
    for row, y in zip(table.values.tolist(), truth.tolist(), strict=True):
        places = places_of(snapshot, dict(zip(table.columns, row, strict=True)))
        fit = fit_mask(snapshot, mask_of(places))
        head = fit.heads["overall"]
        low, high = head.width.around(fused_score(head, seen(fit, places)))
        inside += low - 1e-9 <= y <= high + 1e-9
    return inside / table.items


def test_a_blind_spot_that_is_hardly_reviewed_is_covered_with_weights_and_not_without() -> None:
    with_weights, without = [], []
    for seed in range(4):
        table, chance = _blind_spot(seed)
        train = _reviewed(table, chance, seed)
        test, _ = _blind_spot(seed + 100, items=400)
        with_weights.append(_coverage(fitted(train), test))
        without.append(_coverage(fitted(replace(train, propensity=None)), test))
    assert 0.87 <= float(np.mean(with_weights)) <= 0.93
    assert float(np.mean(without)) < 0.82


def test_equal_propensities_change_nothing() -> None:
    table = simulate(120)
    alike = replace(table, propensity=np.full(120, 0.3))
    assert fitted(alike).digest == fitted(table).digest
    assert "weights" not in document(fitted(table))["rows"]


def test_weights_survive_the_way_to_disk(tmp_path: Path) -> None:
    table = replace(simulate(60), propensity=np.linspace(0.2, 1.0, 60))
    snapshot = fitted(table)
    write_snapshot(snapshot, tmp_path / "s.json.gz")
    assert read_snapshot(tmp_path / "s.json.gz") == snapshot
    assert snapshot.worth < 60


def test_weights_have_mean_one_and_a_limit() -> None:
    weights = item_weights(np.array([1.0] * 999 + [1e-6]))
    assert weights is not None
    assert weights.mean() == pytest.approx(1.0, abs=1e-6)
    assert weights.max() == pytest.approx(MOST, rel=1e-3)
    assert item_weights(None) is None
    assert item_weights(np.full(3, 0.5)) is None


def test_kish_counts_what_unequal_items_are_worth() -> None:
    assert worth(None) == 1.0
    assert worth(np.array([1.0, 1.0, 1.0, 3.0])) == pytest.approx(36 / (4 * 12))
    assert effective_items(X, np.arange(8), TWICE) == int(144 / 22)


def test_a_weight_counts_as_so_many_equal_items() -> None:
    """Means, ranks, curves, moments, read-outs and votes are those of the repeated items."""
    assert mean_of(X, TWICE) == pytest.approx(X[AGAIN].mean())
    gaps = np.where(np.arange(8) == 3, np.nan, X)[:, None]
    assert column_means(gaps, TWICE) == pytest.approx(np.nanmean(gaps[AGAIN], axis=0))
    assert rank_map(Y, TWICE)[1] == pytest.approx(rank_map(Y[AGAIN])[1], abs=1e-6)
    assert moments_of(X[:, None], Y, TWICE) == pytest.approx(moments_of(X[AGAIN][:, None], Y[AGAIN]))
    scores = np.column_stack([Y + 0.1 * X, Y - 0.3 * X])
    assert effective_votes(scores, Y, 0.0, TWICE) == effective_votes(scores[AGAIN], Y[AGAIN], 0.0)
    knots = knots_of(X)
    curves = [
        monotone_curve(knots, X[i], locate_all(knots, X[i]), Y[i], w, sign=1, line_only=True)
        for i, w in ((np.arange(8), TWICE), (AGAIN, None))
    ]
    assert curves[0] == pytest.approx(curves[1])
    readouts = [
        fit_readout(x, y, w, line_only=True) for x, y, w in ((X, Y, TWICE), (X[AGAIN], Y[AGAIN], None))
    ]
    assert readouts[0].all(np.linspace(0, 1, 9)) == pytest.approx(readouts[1].all(np.linspace(0, 1, 9)))


@given(st.floats(0.5, 0.95), st.integers(0, 50))
def test_a_weighted_quantile_of_equal_weights_is_the_plain_one(coverage: float, seed: int) -> None:
    ratios = np.random.default_rng(seed).uniform(size=60)
    groups = np.arange(60) // 3
    plain = conformal_quantile(ratios, groups, coverage=coverage, kind=IntervalKind.MARGINAL)
    equal = conformal_quantile(
        ratios, groups, np.full(60, 2.0), coverage=coverage, kind=IntervalKind.MARGINAL
    )
    assert plain == equal


def test_the_weighted_quantile_by_hand() -> None:
    """16² / 28 = 9 items, so at 0.8 the mass up to 8 / 9 = 14.2 of 16: the eleventh light one."""
    ratios = np.append(0.0, np.arange(1.0, 13.0))
    weights = np.append(4.0, np.ones(12))
    found = conformal_quantile(ratios, np.arange(13), weights, coverage=0.8, kind=IntervalKind.MARGINAL)
    assert found == 11.0


@pytest.mark.parametrize("claimed", [1e-320, 1e-12, 1e-4])
def test_a_tiny_chance_that_a_rater_claims_decides_nothing(claimed: float) -> None:
    weights = item_weights(np.array([claimed, *[0.02] * 499]))

    assert weights is not None
    assert np.isfinite(weights).all()
    assert weights.max() <= MOST * 1.001
    assert weights[0] / weights.sum() < 0.05
