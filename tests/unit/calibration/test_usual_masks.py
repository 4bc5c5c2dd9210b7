"""What is worked out before a request needs it."""

from dataclasses import replace

import numpy as np

from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.usual_masks import masks_when_late, usual_masks, warm
from tests.fakes.ratings import fitted, simulate


def test_warming_up_leaves_nothing_for_the_first_requests() -> None:
    snapshot = fitted(simulate(items=100))
    warm(snapshot)
    known = len(snapshot.memory)
    everything = tuple(range(len(snapshot.columns)))
    fit_mask(snapshot, everything)
    fit_mask(snapshot, tuple(k for k in everything if not snapshot.columns[k].name.startswith("bob/")))
    assert len(snapshot.memory) == known


def test_warming_up_covers_the_usual_gaps_of_the_ratings() -> None:
    table = simulate(items=200)
    values = table.values.copy()
    values[::3, 0] = np.nan
    snapshot = fitted(replace(table, values=values))
    warm(snapshot)
    known = len(snapshot.memory)
    fit_mask(snapshot, tuple(range(1, len(snapshot.columns))))
    assert len(snapshot.memory) == known


def test_without_weights_there_is_nothing_to_warm_up() -> None:
    snapshot = fitted(simulate(items=9), reference=EMPTY_REFERENCE)
    warm(snapshot)
    assert usual_masks(snapshot) == ()
    assert masks_when_late(snapshot, ["ann", "bob"]) == ()
