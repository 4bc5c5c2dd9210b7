"""Each metric against constants, against scipy and scikit-learn, and against itself on a real resample."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from moa_scorer.learning.protocol.metrics import (
    METRICS,
    has_documents,
    is_binary,
    is_discrete,
    krippendorff_alpha,
)
from moa_scorer.learning.protocol.metrics_of_order import recall_at
from moa_scorer.learning.protocol.sheet import Array, Sheet

OF = {m.name: m.of for m in METRICS}


def sheet(
    value: Array, human: Array, *, groups: Array | None = None, half: float = 0.2, levels: int = 5
) -> Sheet:
    return Sheet(
        order=value,
        value=value,
        lower=(value - half).clip(0, 1),
        upper=(value + half).clip(0, 1),
        human=human,
        groups=np.arange(value.size) if groups is None else groups.astype(np.intp),
        levels=levels,
    )


def drawn(seed: int, items: int = 80) -> Sheet:
    rng = np.random.default_rng(seed)
    human = rng.integers(0, 5, items) / 4
    value = (0.6 * human + 0.4 * rng.random(items)).round(1)
    return sheet(value, human, groups=np.repeat(np.arange(items // 4), 4))


def plain(name: str, of: Sheet) -> float:
    return float(OF[name](of, np.ones((1, of.human.size)))[0])


@pytest.mark.parametrize("seed", range(5))
def test_correlations_are_those_of_scipy_ties_and_all(seed: int) -> None:
    s = drawn(seed)
    assert plain("spearman", s) == pytest.approx(stats.spearmanr(s.value, s.human).statistic)
    assert plain("kendall", s) == pytest.approx(stats.kendalltau(s.value, s.human).statistic, abs=1e-6)
    assert plain("pearson", s) == pytest.approx(stats.pearsonr(s.value, s.human).statistic)


@pytest.mark.parametrize("seed", range(5))
def test_errors_and_kappas_are_those_of_scikit_learn(seed: int) -> None:
    s = drawn(seed)
    assert plain("rmse", s) == pytest.approx(sk.root_mean_squared_error(s.human, s.value))
    assert plain("mae", s) == pytest.approx(sk.mean_absolute_error(s.human, s.value))
    said, people = np.round(s.value * 4), np.round(s.human * 4)
    assert plain("qwk", s) == pytest.approx(sk.cohen_kappa_score(said, people, weights="quadratic"))
    assert plain("kappa", s) == pytest.approx(sk.cohen_kappa_score(s.value >= 0.5, s.human >= 0.5))
    assert plain("accuracy", s) == pytest.approx(sk.accuracy_score(s.value >= 0.5, s.human >= 0.5))
    assert plain("auc", s) == pytest.approx(sk.roc_auc_score(s.human >= 0.5, s.value))


def test_brier_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    human = (rng.random(50) < 0.4).astype(float)
    value = rng.random(50)
    assert plain("brier", sheet(value, human)) == pytest.approx(sk.brier_score_loss(human, value))


def test_the_expected_calibration_error_of_four_answers_by_hand() -> None:
    # Two bins: .1 and .1 with one right of two -> gap .4; .9 and .9 both right -> gap .1; mean .25.
    s = sheet(np.array([0.1, 0.1, 0.9, 0.9]), np.array([0.0, 1.0, 1.0, 1.0]))
    assert plain("ece", s) == pytest.approx(0.25)


def test_recall_at_false_rejects_counts_ties_as_rejected_together() -> None:
    human = np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=float)
    value = np.array([0.1, 0.2, 0.3, 0.6, 0.3, 0.7, 0.8, 0.9])
    ones = np.ones((1, 8))
    assert recall_at(0.05)(sheet(value, human), ones)[0] == pytest.approx(0.5)
    assert recall_at(0.25)(sheet(value, human), ones)[0] == pytest.approx(1.0)


def test_recall_is_nothing_where_the_lowest_item_is_acceptable() -> None:
    s = sheet(np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.0, 0.0]))
    assert plain("recall at 1% false rejects", s) == 0.0


def test_coverage_and_width_leave_out_items_without_an_interval() -> None:
    s = sheet(np.array([0.5, 0.5, 0.5]), np.array([0.6, 0.9, 0.0]))
    without = Sheet(**{f: getattr(s, f) for f in ("order", "value", "human", "groups")}, lower=s.lower.copy(),
                    upper=s.upper.copy())  # fmt: skip
    without.lower[2] = without.upper[2] = np.nan
    assert plain("coverage", without) == 0.5
    assert plain("width", without) == pytest.approx(0.4)


def test_width_at_equal_coverage_is_the_same_for_intervals_that_differ_by_a_factor() -> None:
    rng = np.random.default_rng(1)
    value = rng.uniform(0.3, 0.7, 400)
    human = value + rng.uniform(-0.1, 0.1, 400)
    narrow, wide = (plain("width at equal coverage", sheet(value, human, half=h)) for h in (0.01, 0.2))
    assert narrow == pytest.approx(wide)
    assert narrow == pytest.approx(0.18, abs=0.01)


def test_the_order_within_documents_does_not_see_the_order_between_them() -> None:
    groups = np.repeat(np.arange(10), 4)
    human = np.tile([0.0, 0.2, 0.4, 0.6], 10)
    value = np.tile([0.1, 0.2, 0.3, 0.4], 10) + groups % 3 * 0.2
    assert plain("spearman within documents", sheet(value, human, groups=groups)) == pytest.approx(1.0)
    assert plain("spearman", sheet(value, human, groups=groups)) < 0.9


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_weights_are_the_same_as_items_that_stand_there_several_times(seed: int) -> None:
    s = drawn(seed, 40)
    counts = np.random.default_rng(seed).integers(0, 4, 10)[s.groups]
    again = np.repeat(np.arange(40), counts)
    repeated = Sheet(
        **{f: getattr(s, f)[again] for f in ("order", "value", "lower", "upper", "human")},
        groups=np.concatenate([_numbered(s.groups, counts)]),
        levels=5,
    )
    for metric in METRICS:
        weighted = metric.of(s, np.vstack([np.ones(40), counts]).astype(float))[1]
        assert weighted == pytest.approx(plain(metric.name, repeated), abs=1e-5, nan_ok=True), metric.name


def _numbered(groups: Array, counts: Array) -> Array:
    """Groups of a resample in which each copy of a group is a group of its own."""
    copies = np.concatenate([np.arange(c) for c in counts]) if counts.sum() else np.zeros(0)
    return (np.repeat(groups, counts) * 10 + copies).astype(np.intp)


def test_a_constant_score_has_no_order_and_constant_ratings_are_no_test() -> None:
    flat = sheet(np.full(6, 0.5), np.arange(6) / 5)
    assert [plain(m, flat) for m in ("spearman", "kendall", "pearson")] == [0.0, 0.0, 0.0]
    nothing = sheet(np.arange(6) / 5, np.full(6, 0.5))
    assert all(math.isnan(plain(m, nothing)) for m in ("spearman", "kendall", "pearson", "auc"))


def test_the_kind_of_ratings_is_read_off_the_ratings() -> None:
    s = drawn(0)
    assert (is_discrete(s), has_documents(s), is_binary(s)) == (True, True, False)
    pairs = sheet(np.linspace(0, 1, 40), np.repeat([0.0, 1.0], 20), levels=2)
    assert (is_discrete(pairs), has_documents(pairs), is_binary(pairs)) == (False, False, True)


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff 2011, reliability data with four observers and twelve units, interval metric: .849.
    a = [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None]
    b = [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3]
    c = [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None]
    d = [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None]
    units = [
        np.array([v for v in unit if v is not None], dtype=float) for unit in zip(a, b, c, d, strict=True)
    ]
    assert krippendorff_alpha(units) == pytest.approx(0.849, abs=5e-4)


def test_alpha_is_not_known_without_pairs_of_people_or_without_any_difference() -> None:
    assert math.isnan(krippendorff_alpha([np.array([1.0])]))
    assert math.isnan(krippendorff_alpha([np.array([1.0, 1.0]), np.array([1.0, 1.0])]))
