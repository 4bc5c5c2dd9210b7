"""Reference quantiles for what nobody has rated."""

import numpy as np
import pytest

from moa_scorer.calibration.reference import EMPTY_REFERENCE, fit_reference, order_of
from tests.fakes.ratings import simulate


def test_places_of_the_reference_itself_are_uniform() -> None:
    table = simulate(items=2000)
    reference = fit_reference(table, corpus="test")
    places = [reference.place("ann/clarity", x) for x in table.values[:, 0].tolist()]
    assert np.quantile(places, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.01)


def test_tied_scores_share_the_middle_of_their_ranks() -> None:
    table = simulate(items=200)
    table.values[:, 0] = np.repeat([0.0, 1.0], [150, 50])
    reference = fit_reference(table, corpus="test")
    assert reference.place("ann/clarity", 0.0) == pytest.approx(0.375)
    assert reference.place("ann/clarity", 1.0) == pytest.approx(0.875)


def test_measures_and_columns_with_few_scores_have_none() -> None:
    table = simulate(items=200)
    table.values[15:, 0] = np.nan
    reference = fit_reference(table, corpus="test")
    assert not [c for c in reference.quantiles if c.startswith("measures/")]
    assert "ann/clarity" not in reference.quantiles
    assert reference.place("ann/clarity", 0.123) == 0.123


def test_a_judge_with_many_columns_counts_once() -> None:
    values = {"ann/clarity": 1.0, "ann/depth": 0.0, "bob/clarity": 1.0}
    assert order_of(values, EMPTY_REFERENCE) == pytest.approx(0.75)


def test_nothing_cannot_be_averaged() -> None:
    with pytest.raises(ValueError, match="nothing to average"):
        order_of({}, EMPTY_REFERENCE)
