"""Are new values exchangeable with the rated ones? Conformal p-values, and bets against them.

A bet multiplies its capital by a function of the p-value whose mean is 1 as long as nothing has changed: a
large capital is evidence that something has (Vovk et al. 2021, "Retrain or not retrain"). What a batch earns
from one unit is an e-value; a detector gets one more unit before each value and so finds late changes
(Shiryaev and Roberts; Shin, Ramdas and Rinaldo 2023, "E-detectors").
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

STAKES = (-1.5, 1.5)
"""Bets on high and on low values: the best against a shift by half a standard deviation."""
FALSE_ALARMS = 0.01
"""Greatest probability of a false alarm: of a batch, and of a detector over `HORIZON` values."""
HORIZON = 1000
LEVEL = HORIZON / FALSE_ALARMS
"""A detector's alarm: its capital has mean n after n exchangeable values, so it gets here with probability
`FALSE_ALARMS` at most before value `HORIZON`."""


def p_values(rated: Array, stream: Array, ties: Array, *, lag: int = 0) -> Array:
    """Share of the values known so far that are higher than each of the stream's; ties fall by lot.

    `rated` has shape (m,); `stream` and `ties`, uniform draws in [0, 1), have shape (n,). A missing value
    (NaN) is lower than all. Independent and uniform where rated and stream are exchangeable and `lag` is 0;
    with a lag, values join the known ones only after so many others, lest a change dilutes itself.
    """
    known, new = sorted(_placed(rated)), _placed(stream)
    found = np.empty(len(new))
    for n, (value, tie) in enumerate(zip(new, ties.tolist(), strict=True)):
        if n > lag:
            insort(known, new[n - lag - 1])
        at_most = bisect_right(known, value)
        equal = at_most - bisect_left(known, value)
        found[n] = (len(known) - at_most + tie * (equal + 1)) / (len(known) + 1)
    return found


def _placed(values: Array) -> list[float]:
    return [-math.inf if math.isnan(x) else x for x in values.tolist()]


def shift_bets(p: Array) -> Array:
    """What bets on higher and on lower values multiply their capital by: `p`'s shape and an axis of bets."""
    result: Array = 1 + np.array(STAKES) * (p[..., None] - 0.5)
    return result


def spread_bets(p: Array) -> Array:
    """The same for bets on values nearer to the middle, and further from it."""
    return shift_bets(np.abs(2 * p - 1))


def earned(gains: Array) -> Array:
    """log of what one unit, dealt out over all bets, has become: `gains` of shape (values, columns, bets)
    give an e-value a column."""
    logs = np.log(gains).sum(axis=0)
    result: Array = np.logaddexp.reduce(logs, axis=-1) - np.log(logs.shape[-1])
    return result


def detect(gains: Array) -> NDArray[np.float64]:
    """log of a detector's capital after each value; `gains` of shape (values, bets)."""
    capital, found = np.full(gains.shape[1], -np.inf), np.empty(gains.shape[0])
    unit = -np.log(gains.shape[1])
    for n, logs in enumerate(np.log(gains)):
        capital = np.logaddexp(capital, unit) + logs
        found[n] = np.logaddexp.reduce(capital)
    return found


def rate_gains(happened: NDArray[np.bool_], usual: float, others: Sequence[float] = (2.0, 4.0, 8.0)) -> Array:
    """Likelihood ratios of a rate `others` times the usual one, for events: shape (values, bets).

    Their mean is at most 1 as long as the rate is at most `usual`, in (0, 1).
    """
    rates = np.array([1 - (1 - usual) ** times for times in others])
    hit, miss = rates / usual, (1 - rates) / (1 - usual)
    result: Array = np.where(happened[:, None], hit, miss)
    return result
