"""Where ratings bear out nothing, the judges' order is kept as a faint slope on the mean."""

import pytest

from moa_scorer.calibration.faint import REACH, faint_order, flat_readout
from moa_scorer.calibration.snapshot import Column


def _column(name: str, *, falling: bool = False) -> Column:
    return Column(name=name, knots=(0.0, 1.0), mean=0.5, spread=0.25, missing=0.0, falling=falling)


COLUMNS = (
    _column("ann/wit"),
    _column("ann/form"),
    _column("bob/wit", falling=True),
    _column("measures/words"),
)


def test_judges_of_the_heads_own_criterion_share_the_slope() -> None:
    assert faint_order(COLUMNS, (0, 1, 2, 3), "wit") == {
        0: (-REACH, REACH),
        2: (REACH, -REACH),
    }


def test_without_columns_of_its_own_all_judges_share_it() -> None:
    assert set(faint_order(COLUMNS, (0, 1, 2, 3), "overall")) == {0, 1, 2}


def test_measures_alone_have_no_order() -> None:
    assert faint_order(COLUMNS, (3,), "wit") == {}


def test_the_readout_gives_the_mean_at_the_start() -> None:
    readout = flat_readout(0.4, 0.7)
    assert readout(0.4) == pytest.approx(0.7)
    assert readout(0.41) == pytest.approx(0.71)
