"""The fusion against simulations whose truth is known, and against recorded figures of the design."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.apply import fused_score, mask_of, places_of, seen
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.calibration.votes import effective_votes, estimable_votes
from moa_scorer.learning.agreement import spearman
from tests.fakes.ratings import fitted, make_rubric, simulate


def served(
    snapshot: Snapshot, table: RatedTable, without: tuple[str, ...] = ()
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Head -> (scores, lower bounds, upper bounds) of every item, some judges not answering."""
    found: dict[str, list[tuple[float, float, float]]] = {h.name: [] for h in snapshot.heads}
    for row in table.values.tolist():
        pairs = zip(table.columns, row, strict=True)
        places = places_of(snapshot, {c: x for c, x in pairs if c.partition("/")[0] not in without})
        fit = fit_mask(snapshot, mask_of(places))
        for name, head in fit.heads.items():
            score = fused_score(head, seen(fit, places))
            found[name].append((score, *head.width.around(score)))
    columns = {h: np.array(x).T for h, x in found.items()}
    return {h: (c[0], c[1], c[2]) for h, c in columns.items()}


def coverage(items: int, group_size: int, repeats: int, without: tuple[str, ...] = ()) -> list[float]:
    """Share of unseen items inside the interval, for each of several fits; items of a group share errors."""
    found = []
    for seed in range(repeats):
        train = simulate(items, group_size=group_size, group_noise=0.5, seed=2 * seed)
        test = simulate(250, group_size=group_size, group_noise=0.5, seed=2 * seed + 1)
        truth = with_overall(test, make_rubric())
        inside = [
            np.mean((truth[h] >= low - 1e-9) & (truth[h] <= high + 1e-9))
            for h, (_, low, high) in served(fitted(train, seed=seed), test, without).items()
        ]
        found.append(float(np.mean(inside)))
    return found


@pytest.mark.parametrize(("items", "group_size"), [(150, 1), (240, 5), (600, 10)])
def test_ninety_percent_intervals_cover_ninety_percent_of_unseen_groups(items: int, group_size: int) -> None:
    assert 0.88 <= float(np.mean(coverage(items, group_size, 12))) <= 0.92


def test_they_do_so_when_only_one_judge_answers() -> None:
    assert 0.87 <= float(np.mean(coverage(240, 5, 12, without=("ann", "bob")))) <= 0.93


def test_pac_intervals_reach_their_coverage_in_nine_fits_of_ten() -> None:
    assert np.mean([c >= 0.9 for c in coverage(40, 1, 30)]) >= 0.85


def test_shuffled_ratings_teach_nothing() -> None:
    train, test = simulate(300, seed=1), simulate(300, seed=2)
    order = np.random.default_rng(3).permutation(train.items)
    placebo = replace(train, targets={h: y[order] for h, y in train.targets.items()})
    truth = with_overall(test, make_rubric())
    for head, (scores, low, high) in served(fitted(placebo), test).items():
        assert float(np.std(scores)) < 0.02, "the mean, and a faint order"
        spread = np.quantile(truth[head], 0.95) - np.quantile(truth[head], 0.05)
        assert float(np.mean(high - low)) == pytest.approx(spread, rel=0.2)


def test_a_judge_turned_to_noise_after_the_fit_is_told_by_its_columns() -> None:
    """A judge that answers at random moves an item out of support far more often than 1 %."""
    train, test = simulate(600, noise=0.3, seed=1), simulate(200, noise=0.3, seed=2)
    snapshot = fitted(train)
    values = test.values.copy()
    values[:, :2] = np.random.default_rng(0).permutation(values[:, :2])
    everything = fit_mask(snapshot, tuple(range(len(snapshot.columns))))
    assert everything.support is not None
    flagged = [
        np.mean([everything.support.p_value(row) < 0.01 for row in rows.tolist()])
        for rows in (test.values, values)
    ]
    assert flagged[0] < 0.04
    assert flagged[1] > 0.1


def votes(correlation: float, *, expert: bool = False) -> float:
    """Mean effective votes of seven judges on 400 items, over simulations."""
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        truth = 0.25 * rng.normal(size=400)
        common, own = rng.normal(size=(400, 1)), rng.normal(size=(400, 7))
        errors = 0.2 * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
        if expert:
            errors = own * np.array([0.1, *[1.0] * 6])
        rated = truth + 0.05 * rng.normal(size=400)
        found.append(effective_votes(truth[:, None] + errors, rated, 0.05**2) or 0.0)
    return float(np.mean(found))


@pytest.mark.parametrize(
    ("correlation", "recorded", "theory"), [(0.0, 6.1, 7.0), (0.3, 2.2, 2.5), (0.6, 1.4, 1.52)]
)
def test_effective_votes_of_correlated_judges(correlation: float, recorded: float, theory: float) -> None:
    # Theory: K / (1 + (K - 1) rho); the maximum over judges biases the estimate down, as recorded.
    found = votes(correlation)
    assert found == pytest.approx(recorded, abs=0.35)
    assert found < theory


def test_an_expert_among_noise_judges_is_worth_little_more_than_itself() -> None:
    assert votes(0.0, expert=True) == pytest.approx(1.13, abs=0.06)


@pytest.mark.parametrize("raters_sd", [0.5, 1.0])
def test_unreliable_raters_leave_effective_votes_not_estimable(raters_sd: float) -> None:
    """The truth has a standard deviation of .25: of what these raters say a fifth or less is true."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        truth = 0.25 * rng.normal(size=400)
        scores = truth[:, None] + 0.2 * rng.normal(size=(400, 7))
        rated = truth + raters_sd * rng.normal(size=400)
        assert estimable_votes(scores, rated, raters_sd**2, np.arange(400), seed) is None


def test_few_items_leave_them_not_estimable_where_their_interval_is_wider_than_the_figure() -> None:
    known = []
    for items in (20, 400):
        found = []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            truth = 0.25 * rng.normal(size=items)
            scores = truth[:, None] + 0.4 * rng.normal(size=(items, 7))
            rated = truth + 0.1 * rng.normal(size=items)
            found.append(estimable_votes(scores, rated, 0.1**2, np.arange(items), seed) is not None)
        known.append(np.mean(found))
    assert known[0] <= 0.2, f"{known[0]:.1f} of panels with 20 items are told"
    assert known[1] >= 0.8, f"{known[1]:.1f} of panels with 400 items are told"


def test_nothing_is_learnt_from_shuffled_ratings_about_shuffled_ratings() -> None:
    """The placebo of the whole protocol: new items' ratings are shuffled too, so that no order is right."""
    found = []
    for seed in range(10):
        rated, asked = (_shuffled(simulate(300, seed=2 * seed + k), seed) for k in range(2))
        scores = served(fitted(rated), asked)["overall"][0]
        found.append(spearman(scores, with_overall(asked, make_rubric())["overall"]))
    assert abs(np.mean(found)) <= 0.05, f"Spearman {np.mean(found):.3f}"


def _shuffled(table: RatedTable, seed: int) -> RatedTable:
    order = np.random.default_rng([seed, table.items]).permutation(table.items)
    return replace(table, targets={h: y[order] for h, y in table.targets.items()})
