"""How often intervals hold the people's mean, for parts of the items: rows of a plot."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from moa_scorer.learning.plots.whiskers import Row
from moa_scorer.learning.protocol.findings import OutOfFold
from moa_scorer.learning.report.found import Found
from moa_scorer.learning.report.words import listed, plural

NOMINAL = 0.9
"""Coverage that intervals promise."""
LEAST = 30
"""Items with an interval that a part needs to be shown by itself."""
MOST_SOURCES = 16
_EDGE = 1e-9
_Z = 1.959964


def coverage_rows(found: Found) -> list[Row]:
    """All items, each criterion, thirds of the score, and sources or mentioned groups with enough items."""
    said = found.said(found.whole)
    if said is None:
        return []
    parts = [("all items", list(range(len(said.items)))), *_thirds(said), *_sources(said, found)]
    rows = [row for name, index in parts if (row := _row(name, said, index))]
    heads = [h for h in found.evaluation.criteria if h != found.whole]
    criteria = [(h, found.said(h)) for h in heads]
    own = [_row(h, one, range(len(one.items))) for h, one in criteria if one is not None]
    return [*rows[:1], *(r for r in own if r), *rows[1:]]


def mask_rows(found: Found) -> list[Row]:
    """All judges answered, and every other pattern of answers with enough items, the commonest first."""
    said = found.said(found.whole)
    if said is None:
        return []
    masks = found.evaluation.masks
    names = [_mask_name(masks[m], found.evaluation.judges) for m in said.mask]
    return _grouped(said, names, "rarer patterns of answers")


def _thirds(said: OutOfFold) -> list[tuple[str, list[int]]]:
    scored = [i for i, s in enumerate(said.score) if not math.isnan(s)]
    ranked = sorted(scored, key=lambda i: (said.score[i], i))
    parts = np.array_split(np.array(ranked, dtype=np.intp), 3)
    names = ("lowest third of scores", "middle third of scores", "highest third of scores")
    return [(name, part.tolist()) for name, part in zip(names, parts, strict=True)]


def _sources(said: OutOfFold, found: Found) -> list[tuple[str, list[int]]]:
    """By mentioned group where that was asked, else by source."""
    if found.mentions:
        pairs = [
            (f"mentions {g}", i) for i, item in enumerate(said.items) for g in found.mentions.get(item, ())
        ]
    else:
        pairs = [(f"from {s}", i) for i, item in enumerate(said.items) if (s := found.sources.get(item))]
    parts = _collected(pairs)
    large = {n: index for n, index in parts.items() if len(_known(said, index)) >= LEAST}
    if len(large) < 2:
        return []
    return sorted(large.items(), key=lambda part: (-len(part[1]), part[0]))[:MOST_SOURCES]


def _grouped(said: OutOfFold, names: Sequence[str], others: str) -> list[Row]:
    parts = _collected((name, i) for i, name in enumerate(names))
    large = {n: index for n, index in parts.items() if len(_known(said, index)) >= LEAST}
    rest = [i for n, index in parts.items() if n not in large for i in index]
    ordered = sorted(large.items(), key=lambda part: (-len(part[1]), part[0]))[:MOST_SOURCES]
    rows = [_row(n, said, index) for n, index in ordered]
    return [r for r in (*rows, _row(others, said, rest, least=1)) if r]


def _collected(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    parts: dict[str, list[int]] = {}
    for name, i in pairs:
        parts.setdefault(name, []).append(i)
    return parts


def _known(said: OutOfFold, index: Iterable[int]) -> list[int]:
    return [i for i in index if not math.isnan(said.lower[i])]


def _row(name: str, said: OutOfFold, index: Iterable[int], least: int = LEAST) -> Row | None:
    """Share of the intervals that hold the mean rating, with Wilson's 95 % interval."""
    known = _known(said, index)
    if len(known) < least or not known:
        return None
    held = sum(said.lower[i] - _EDGE <= said.human[i] <= said.upper[i] + _EDGE for i in known)
    low, high = wilson(held, len(known))
    return Row(
        name=name,
        value=held / len(known),
        low=low,
        high=high,
        note=plural(len(known), "item"),
        warns=high < NOMINAL,
    )


def wilson(held: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), each item taken as independent."""
    share, z2 = held / count, _Z * _Z / count
    middle = (share + z2 / 2) / (1 + z2)
    reach = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count)) / (1 + z2)
    return middle - reach, middle + reach


def _mask_name(present: Sequence[str], judges: Sequence[str]) -> str:
    missing = [j for j in judges if j not in set(present)]
    if not missing:
        return f"all {plural(len(judges), 'judge')}" if len(judges) > 1 else "the judge"
    if len(missing) <= 2:
        return f"without {listed(missing)}"
    return f"only {listed(list(present))}" if 0 < len(present) <= 2 else _counted(len(present), len(judges))


def _counted(present: int, judges: int) -> str:
    return f"{present} of {judges} judges"
