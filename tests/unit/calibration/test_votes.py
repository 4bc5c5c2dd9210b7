"""Effective votes."""

import numpy as np
import pytest

from moa_scorer.calibration.votes import effective_votes, estimable_votes

NOISE = 0.05**2


def _panel(errors: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of judges with these errors (items x judges), and a slightly noisy target."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=errors.shape[0]) * 0.25
    return truth[:, None] + errors, truth + 0.05 * rng.normal(size=errors.shape[0])


def test_two_independent_equal_judges_are_worth_two() -> None:
    errors = 0.2 * np.random.default_rng(1).normal(size=(20000, 2))
    assert effective_votes(*_panel(errors), NOISE) == pytest.approx(2.0, abs=0.1)


def test_copies_of_one_judge_are_worth_one() -> None:
    errors = np.repeat(0.2 * np.random.default_rng(1).normal(size=(5000, 1)), 4, axis=1)
    assert effective_votes(*_panel(errors), NOISE) == pytest.approx(1.0, abs=0.1)


def test_the_scale_and_offset_of_a_judge_do_not_matter() -> None:
    scores, target = _panel(0.2 * np.random.default_rng(2).normal(size=(800, 4)))
    moved = scores * np.array([1.0, 3.0, 0.2, 1.0]) + np.array([0.0, 5.0, -1.0, 0.1])
    assert effective_votes(moved, target, NOISE) == pytest.approx(effective_votes(scores, target, NOISE))


def test_a_reversed_judge_carries_nothing() -> None:
    scores, target = _panel(0.2 * np.random.default_rng(3).normal(size=(2000, 2)))
    reversed_too = np.column_stack([scores, -scores[:, 0]])
    assert effective_votes(reversed_too, target, NOISE) == effective_votes(scores, target, NOISE)


def test_nothing_is_said_when_raters_barely_agree() -> None:
    scores, target = _panel(0.2 * np.random.default_rng(4).normal(size=(500, 3)))
    assert effective_votes(scores, target, noise=0.8 * float(target.var())) is None


def test_nothing_is_said_on_a_handful_of_items() -> None:
    scores, target = _panel(0.4 * np.random.default_rng(5).normal(size=(12, 6)))
    assert estimable_votes(scores, target, NOISE, np.arange(12), seed=0) is None


def test_enough_items_give_the_same_figure_every_time() -> None:
    scores, target = _panel(0.2 * np.random.default_rng(6).normal(size=(600, 3)))
    first = estimable_votes(scores, target, NOISE, np.arange(600), seed=0)
    assert first is not None
    assert first == estimable_votes(scores, target, NOISE, np.arange(600), seed=0)
    assert first == effective_votes(scores, target, NOISE)


def test_nothing_is_said_of_judges_that_err_by_no_more_than_the_raters_noise() -> None:
    rng = np.random.default_rng(7)
    truth = rng.normal(size=2000) * 0.25
    target = truth + 0.2 * rng.normal(size=2000)
    scores = target[:, None] + 0.02 * rng.normal(size=(2000, 3))
    assert effective_votes(scores, target, noise=0.2**2) is None
