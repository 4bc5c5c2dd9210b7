"""The gate lets equals and betters through, stops what is worse, and says when it cannot tell."""

import math

import numpy as np
import pytest

from moa_scorer.learning.loop.gate import Gate, Outcome, binomial_band, change, gate, judged
from tests.fakes.ratings import fitted, make_panel, make_rubric, simulate

RNG = np.random.default_rng(0)
ERRORS = RNG.normal(size=400) * 0.1
DOCUMENTS = [f"d{i}" for i in range(400)]


def at(old: np.ndarray, new: np.ndarray, covered: int = 360, **groups: np.ndarray) -> Gate:
    return judged(
        (old, new), DOCUMENTS[: old.size], groups, valid=old.size, covered=covered, coverage=0.9, fitted=400
    )


def test_the_same_errors_pass() -> None:
    found = at(ERRORS, ERRORS)

    assert (found.outcome, found.reasons) == (Outcome.PASS, ())
    assert found.overall.relative == 0
    assert found.overall.error == 0


def test_errors_twice_as_large_fail() -> None:
    found = at(ERRORS, 2 * ERRORS)

    assert found.outcome is Outcome.FAIL
    assert found.overall.relative == pytest.approx(1.0)
    assert "+100.0%" in found.reasons[0]


def test_an_equal_that_differs_much_is_undecided_and_told_how_many_items_would_tell() -> None:
    found = at(ERRORS, RNG.permutation(ERRORS))

    assert found.outcome is Outcome.UNDECIDED
    assert found.needed > 400
    assert str(found.needed) in found.reasons[0]


def test_a_small_audit_decides_nothing() -> None:
    assert at(ERRORS[:49], ERRORS[:49], covered=44).outcome is Outcome.UNDECIDED


def test_a_group_that_is_much_worse_closes_the_gate_although_the_whole_is_better() -> None:
    harmed = np.arange(400) < 60
    found = at(ERRORS, np.where(harmed, 1.5, 0.9) * ERRORS, harmed=harmed, few=np.arange(400) < 29)

    assert found.outcome is Outcome.FAIL
    assert "60 items of harmed" in found.reasons[0]
    assert set(found.groups) == {"harmed"}, "groups below 30 are not looked at"


@pytest.mark.parametrize(
    ("covered", "outcome"), [(360, Outcome.PASS), (330, Outcome.FAIL), (395, Outcome.FAIL)]
)
def test_intervals_must_cover_what_they_say(covered: int, outcome: Outcome) -> None:
    assert at(ERRORS, ERRORS, covered=covered).outcome is outcome


def test_leaving_more_items_without_a_score_is_worse() -> None:
    fewer = ERRORS.copy()
    fewer[:3] = np.nan
    found = at(ERRORS, fewer)

    assert (found.outcome, found.unscored) == (Outcome.FAIL, (0, 3))
    assert found.overall.items == 397


def test_the_standard_error_agrees_with_the_bootstrap() -> None:
    other = ERRORS + 0.03 * RNG.normal(size=400)
    draws = [RNG.integers(0, 400, 400) for _ in range(2000)]
    ratios = [math.sqrt(np.mean(other[i] ** 2) / np.mean(ERRORS[i] ** 2)) for i in draws]

    assert change(ERRORS, other, np.array(DOCUMENTS)).error == pytest.approx(float(np.std(ratios)), rel=0.1)


def test_items_of_one_document_count_as_one_draw() -> None:
    other = ERRORS + 0.03 * RNG.normal(size=400)
    once = change(ERRORS, other, np.array(DOCUMENTS))
    fourfold = change(np.tile(ERRORS, 4), np.tile(other, 4), np.tile(np.array(DOCUMENTS), 4))

    assert fourfold.error == pytest.approx(once.error)


def test_the_band_is_the_binomial_for_a_fit_on_very_many_items() -> None:
    assert binomial_band(100, 0.9, 10**7) == (84, 95)  # scipy.stats.binom(100, .9).interval(.95)


def test_the_band_is_wider_after_few_items_and_for_dependent_ones() -> None:
    assert binomial_band(100, 0.9, 50)[0] < 84
    assert binomial_band(100, 0.9, 10**7, worth=0.25) == (78, 100)


def test_a_snapshot_passes_the_gate_against_itself() -> None:
    snapshot = fitted(simulate(200, seed=1))
    found = gate(snapshot, snapshot, simulate(150, seed=2), make_rubric(), make_panel(), kind="essay")

    assert found.outcome is Outcome.PASS
    assert found.valid > 130
