"""The price of the next judge: how much narrower each unasked judge is expected to make an item's interval.

Expected over what the judge says of the rated items whose fused score is near this item's. Pure and
deterministic; a mask that was not seen before takes some tens of milliseconds.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.batch import fused_rows
from moa_scorer.calibration.conformal import LEAST_BANDWIDTH, Width
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mask_fit import MaskFit
from moa_scorer.calibration.snapshot import OVERALL, Snapshot, Stage
from moa_scorer.calibration.table import Array, is_measure, judge_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NextJudge:
    """What asking one more judge is expected to do to an item's interval."""

    judge: str
    width: float
    """Expected width with it, in units of the score, in [0, 1]."""
    shrink: float
    """Present width less the expected one; below 0 = it would make the interval wider."""
    micro_usd: float | None
    """What asking it costs, in millionths of a dollar; None = not known."""

    @property
    def value(self) -> float | None:
        """Shrink per millionth of a dollar, infinite for one that helps for nothing; None = not known."""
        if self.micro_usd is None:
            return None
        if self.micro_usd > 0:
            return self.shrink / self.micro_usd
        return math.copysign(math.inf, self.shrink) if self.shrink != 0 else 0.0


def next_judges(
    snapshot: Snapshot,
    values: Mapping[str, float],
    *,
    asked: Collection[str] = (),
    micro_usd: Mapping[str, float] | None = None,
    head: str = OVERALL,
) -> tuple[NextJudge, ...]:
    """Every judge of the snapshot that has neither a value nor been `asked` in vain, the most shrink for its
    cost first.

    `values` are the item's columns so far, as `places_of` reads them: judges' and measures'; without a judge
    the present interval is the one around the mean. Judges whose cost is not known come last, by shrink.
    Raises ValueError for a snapshot of too few rated items to have intervals.
    """
    if snapshot.stage is Stage.OFFSET:
        raise ValueError(f"{snapshot.revision} has too few rated items for intervals")
    known = {k: values[c.name] for k, c in enumerate(snapshot.columns) if _is_known(values, c.name)}
    costs = micro_usd or {}
    done = {*asked, *(judge_of(snapshot.columns[k].name) for k in known)}
    judges = dict.fromkeys(judge_of(c.name) for c in snapshot.columns if not is_measure(c.name))
    found = [_next(snapshot, known, j, costs.get(j), head) for j in judges if j not in done]
    return tuple(sorted(found, key=_order))


def _is_known(values: Mapping[str, float], name: str) -> bool:
    return name in values and math.isfinite(values[name])


def _order(one: NextJudge) -> tuple[bool, float, float, str]:
    value = one.value
    return value is None, 0.0 if value is None else -value, -one.shrink, one.judge


def _next(
    snapshot: Snapshot, known: Mapping[int, float], judge: str, cost: float | None, head: str
) -> NextJudge:
    """The expected width with the judge's columns beside the known ones."""
    own = tuple(k for k, c in enumerate(snapshot.columns) if judge_of(c.name) == judge)
    now, then = tuple(known), tuple(sorted((*known, *own)))
    fit, wider = fit_mask(snapshot, now), fit_mask(snapshot, then)
    item = np.array([[known[k] for k in now]])
    score = float(fused_rows(snapshot, fit, head, now, item)[0])
    near, said = _neighbours(snapshot, fit, head, own, score)
    rows = np.array([[known.get(k, np.nan) for k in then]]).repeat(len(said), axis=0)
    rows[:, [then.index(k) for k in own]] = said
    expected = float(near @ _widths(wider.heads[head].width, fused_rows(snapshot, wider, head, then, rows)))
    present = float(_widths(fit.heads[head].width, np.array([score]))[0])
    return NextJudge(judge=judge, width=expected, shrink=present - expected, micro_usd=cost)


def _neighbours(
    snapshot: Snapshot, fit: MaskFit, head: str, own: Sequence[int], score: float
) -> tuple[Array, Array]:
    """(weights that sum to 1, the judge's values) of the rated items that it and the known columns scored.

    Where none is complete, items without a known column count with that column at its mean.
    """
    rows = np.array([[np.nan if x is None else x for x in row] for row in snapshot.rows.values])
    before, said = rows[:, np.asarray(fit.columns, dtype=np.intp)], rows[:, np.asarray(own, dtype=np.intp)]
    scored = ~np.isnan(said).any(axis=1)
    complete = scored & ~np.isnan(before).any(axis=1)
    chosen: NDArray[np.bool_] = complete if complete.any() else scored
    if not chosen.any():
        chosen = np.ones(len(rows), dtype=bool)
    fused = fused_rows(snapshot, fit, head, fit.columns, before[chosen])
    bandwidth = max(float(fused.std()) * fused.size**-0.2, LEAST_BANDWIDTH)
    distance = ((fused - score) / bandwidth) ** 2
    kernel = np.exp(-0.5 * (distance - distance.min()))
    return kernel / kernel.sum(), said[chosen]


def _widths(width: Width, scores: Array) -> Array:
    """Widths of the intervals around unclipped scores, clipped to the scale."""
    bounds = np.array([width.around(float(s)) for s in scores])
    result: Array = bounds[:, 1] - bounds[:, 0]
    return result
