"""Where ratings bear out nothing: the mean rating, and the judges' own order as a faint slope on it.

Declared directions put items in an order that few or noisy ratings may not confirm. The number then claims
nothing beyond the mean, within a few hundredths, and the order is kept for those who sort by it.
"""

from collections.abc import Mapping, Sequence

from moa_scorer.calibration.readout import Readout
from moa_scorer.calibration.snapshot import Column
from moa_scorer.calibration.table import criterion_of, is_measure

REACH = 0.01
"""How far one standard deviation of all judges together moves the score."""


def faint_order(columns: Sequence[Column], mask: Sequence[int], head: str) -> Mapping[int, tuple[float, ...]]:
    """Column -> what it adds at its knots: equal lines of the judges' columns on the head's own criterion,
    of all judges' columns where there are none."""
    judged = [k for k in mask if not is_measure(columns[k].name)]
    own = [k for k in judged if criterion_of(columns[k].name) == head] or judged
    return {k: _line(columns[k], len(own)) for k in own}


def flat_readout(start: float, level: float) -> Readout:
    """The mean rating at the start, rising as the ranks do."""
    return Readout(knots=(start - 0.5, start + 0.5), values=(level - 0.5, level + 0.5), slope=1.0)


def _line(column: Column, count: int) -> tuple[float, ...]:
    unit = REACH / count / column.spread * (-1 if column.falling else 1)
    return tuple(round(unit * (x - column.mean), 9) for x in column.knots)
