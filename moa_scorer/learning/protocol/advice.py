"""What to do with a panel, in words: use it, use one judge instead, or rate more before deciding."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from moa_scorer.learning.protocol.findings import (
    AVERAGE,
    BEST,
    CONSTANT,
    PANEL,
    SCORES_ONLY,
    WITH_STUDENT,
    Advice,
    Difference,
    Estimate,
    Measured,
)

NOT_WORTH_IT: Final = 10.0
"""Times as many ratings as there are that nobody will collect for so small a difference."""
NAMES: Final = {"spearman": "rank correlation with people", "accuracy": "accuracy"}


def advise(
    figures: Sequence[Measured],
    differences: Sequence[Difference],
    *,
    primary: str,
    judge: str,
    items: int,
    judges: int,
) -> Advice:
    """From the paired difference between panel and best single judge in the primary metric, on average over
    criteria.

    How many more ratings would decide it is reckoned from the width of that interval, which falls with the
    square root of the number of rated items.
    """
    values = {m.method: m.estimate for m in figures if (m.criterion, m.metric) == (AVERAGE, primary)}
    gaps = {d.rival: d for d in differences if (d.criterion, d.metric) == (AVERAGE, primary)}
    gap = gaps.get(BEST)
    if gap is None or math.isnan(gap.estimate.value):
        return Advice(choice="collect", judge="", more=None, words=_incomparable(gap))
    more = _more(gap.estimate, items)
    choice = _choice(gap, more, judges)
    words = [_verdict(choice, judge, more, judges), _compared(values, gap, judge, primary)]
    if choice == "collect":
        words.append("The number follows from the width of that interval, which falls as 1/sqrt(n).")
    words += _simpler(values, gaps)
    return Advice(
        choice=choice, judge=judge, more=more if choice == "collect" else None, words=" ".join(words)
    )


def _incomparable(gap: Difference | None) -> str:
    if gap is None:
        return "Without ratings nothing can be compared: rate items."
    return "People gave all items the same rating, so nothing can be compared: rate items that differ."


def _choice(gap: Difference, more: int | None, judges: int) -> str:
    if gap.better is True:
        return "panel"
    if gap.better is False or more is None or judges == 1:
        return "judge"
    return "collect"


def _more(gap: Estimate, items: int) -> int | None:
    """Rated items to add until the interval, at the same difference, excludes zero; None = not worth it."""
    half = (gap.high - gap.low) / 2
    if not math.isfinite(half) or gap.value == 0:
        return None
    needed = items * (half / abs(gap.value)) ** 2
    return max(math.ceil(needed - items), 1) if needed <= NOT_WORTH_IT * items else None


def _verdict(choice: str, judge: str, more: int | None, judges: int) -> str:
    if choice == "panel":
        return "Use the panel."
    if choice == "judge":
        return f"Use the single judge {judge}." + (" There is no other." if judges == 1 else "")
    return f"Collect about {more} more rated items: it is open whether the panel beats {judge}."


def _compared(values: Mapping[str, Estimate], gap: Difference, judge: str, primary: str) -> str:
    name, e = NAMES.get(primary, primary), gap.estimate
    return (
        f"The panel's {name} is {values[PANEL].value:.3f}, that of the best single judge ({judge}) "
        f"{values[BEST].value:.3f}: a difference of {e.value:+.3f} "
        f"(95 % interval {e.low:+.3f} to {e.high:+.3f})."
    )


def _simpler(values: Mapping[str, Estimate], gaps: Mapping[str, Difference]) -> list[str]:
    """A sentence on the best of the other rivals, where it is not clearly worse than the panel."""
    others = [m for m in values if m not in (PANEL, SCORES_ONLY, WITH_STUDENT, CONSTANT, BEST) and m in gaps]
    if not others:
        return []
    name = max(others, key=lambda m: values[m].value)
    e = gaps[name].estimate
    said = f"{e.value:+.3f} ({e.low:+.3f} to {e.high:+.3f})"
    if gaps[name].better is True:
        return [f"The panel also beats every simpler way of joining the judges, {name} by {said}."]
    verb = "is better than" if gaps[name].better is False else "does about as well as"
    return [f"A simpler method, {name}, {verb} the panel here: the panel's difference to it is {said}."]
