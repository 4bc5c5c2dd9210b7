"""Any subset of the columns from one fit."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.domain.verdict import IntervalKind
from tests.fakes.ratings import fitted, simulate


def test_fewer_judges_give_wider_intervals() -> None:
    snapshot = fitted(simulate(items=600))
    everything = tuple(range(len(snapshot.columns)))
    judges = {c.name.partition("/")[0] for c in snapshot.columns}
    assert judges >= {"ann", "cid"}
    weakest = tuple(k for k in everything if snapshot.columns[k].name.startswith("cid/"))
    lower, upper = fit_mask(snapshot, everything).heads["overall"].width.around(0.5)
    low, high = fit_mask(snapshot, weakest).heads["overall"].width.around(0.5)
    assert high - low > 1.2 * (upper - lower)


def test_a_mask_is_worked_out_once_and_the_same_again() -> None:
    table = simulate(items=200)
    snapshot = fitted(table)
    first = fit_mask(snapshot, (0, 2, 4))
    assert fit_mask(snapshot, (0, 2, 4)) is first
    assert fit_mask(fitted(table), (0, 2, 4)) == first


def test_a_mask_uses_only_its_columns() -> None:
    snapshot = fitted(simulate(items=200))
    for head in fit_mask(snapshot, (1, 3)).heads.values():
        assert {e.column for e in head.effects} == {1, 3}
        assert min(e.weight for e in head.effects) > 0


def test_a_mask_without_columns_is_the_mean_with_the_spread_of_the_ratings() -> None:
    table = simulate(items=400, group_size=1)
    snapshot = fitted(table)
    head = fit_mask(snapshot, ()).heads["clarity"]
    assert head.baseline == pytest.approx(table.targets["clarity"].mean(), abs=1e-5)
    lower, upper = head.width.around(head.baseline)
    inside = np.mean((table.targets["clarity"] >= lower) & (table.targets["clarity"] <= upper))
    assert 0.88 <= inside <= 0.93


def test_gaps_in_the_ratings_are_no_numbers() -> None:
    """Items on which a judge abstained count for the masks without it, and not for those with it."""
    table = simulate(items=600)
    values = table.values.copy()
    values[::2, :2] = np.nan
    snapshot = fitted(replace(table, values=values))
    everything = tuple(range(len(snapshot.columns)))
    full, without = fit_mask(snapshot, everything), fit_mask(snapshot, everything[2:])
    assert full.support is not None
    assert without.support is not None
    assert len(full.support.distances) == 300
    assert len(without.support.distances) == 600


def test_between_22_and_49_items_the_interval_is_pac() -> None:
    snapshot = fitted(simulate(items=40, group_size=1))
    fit = fit_mask(snapshot, tuple(range(len(snapshot.columns))))
    assert fit.heads["overall"].width.kind is IntervalKind.PAC
    assert fit.support is None


def test_too_few_ratings_have_no_weights() -> None:
    snapshot = fitted(simulate(items=9), reference=EMPTY_REFERENCE)
    with pytest.raises(ValueError, match="too few"):
        fit_mask(snapshot, (0,))


def test_effective_votes_need_to_know_how_raters_vary() -> None:
    table = simulate(items=600)
    everything = tuple(range(8))
    votes = fit_mask(fitted(table), everything).votes
    assert votes is not None
    assert 1.0 <= votes <= 3.0
    assert fit_mask(fitted(replace(table, rater_variance={})), everything).votes is None


def test_judges_that_all_say_the_same_of_every_item_leave_the_mean_rating() -> None:
    table = simulate(items=90, measures=False)
    table.values[:] = 0.5
    snapshot = fitted(table)
    head = fit_mask(snapshot, ()).heads["clarity"]
    assert snapshot.columns == ()
    assert head.baseline == pytest.approx(table.targets["clarity"].mean(), abs=1e-5)
