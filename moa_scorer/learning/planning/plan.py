"""Which items to rate next: some drawn evenly as an audit, the rest where a rating teaches most, well spread.

Every item has a known chance of at least a quarter of the luckiest one's, so that whoever weights what was
rated by one over it estimates all items without bias (Horvitz, Thompson 1952).

Measured: fits on 100 items so spread had an error 2.3 % (standard error 0.9; 15 judges of summaries) and
1.4 % (2.0; 8 judges of dialogue turns) below fits on 100 random ones. 50 more by need kept the lead and
added none to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array
from moa_scorer.learning.planning.pivotal import local_pivotal, proportional

START = 100
"""Rated items that a first certificate should rest on."""
STEP = 25
"""Ratings after which another fit is worth while."""
SLANT = 3.0
"""The item that is needed most is 1 + SLANT times as likely as the least: weighted means of ratings then vary
as those of at most 1.16 times fewer even draws would (1 + squared variation of the weights, need uniform)."""
PRESSING = 0.8
"""Ranks from which on a reason is named."""

AUDIT = "drawn evenly, to check snapshots"
SPREAD = "for the spread over groups and scores"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Everything that could be rated. Every array runs over the same items in the same order."""

    ids: tuple[str, ...]
    """Unique."""
    groups: tuple[str, ...]
    """The source document or prompt of each."""
    need: Array | None
    """How much a rating would teach, in [0, 1]; None = all alike."""
    places: Array
    """Shape (items, coordinates), each in [0, 1]: what the chosen should be spread over."""
    reasons: Mapping[str, Array] = field(default_factory=dict)
    """Why an item may be needed, in words -> rank in [0, 1]; NaN = not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One item to rate."""

    id: str
    propensity: float
    """Probability in (0, 1] with which its stream (audit or not) chose it."""
    audit: bool
    why: str
    """In words, for whoever reads the plan; never for the rater."""


def usual_count(rated: int) -> int:
    """How many items to plan when nobody said: up to a first certificate, then by steps."""
    return max(START - rated, STEP)


def audited(count: int, share: float) -> int:
    """How many of so many items are audits: at least one, unless the share is 0."""
    return 0 if share <= 0 else min(count, max(1, round(share * count)))


def choose(frame: Frame, count: int, *, share: float = 0.05, seed: int = 0) -> tuple[Planned, ...]:
    """The plan, in the order of ids; the same for any order of the frame.

    Audits are a simple random sample of the frame, the others one of fixed size of what is left, with
    `chances`. Raises ValueError for a count or share that cannot be.
    """
    n = len(frame.ids)
    if not 1 <= count <= n or not 0 <= share <= 1:
        raise ValueError(f"cannot choose {count} of {n} items with a share of {share:g} for the audit")
    rng = np.random.default_rng(seed)
    order = np.array(sorted(range(n), key=frame.ids.__getitem__), dtype=np.intp)
    audits = audited(count, share)
    drawn = np.sort(rng.choice(order, audits, replace=False))
    rest = order[~np.isin(order, drawn)]
    chance = chances(None if frame.need is None else frame.need[rest], rest.size, count - audits)
    taken = local_pivotal(chance, frame.places[rest], _codes(frame, rest), rng)
    plan = [_audit(frame, int(i), audits / n) for i in drawn]
    plan += [_planned(frame, int(rest[k]), float(chance[k])) for k in taken]
    return tuple(sorted(plan, key=lambda p: p.id))


def chances(need: Array | None, items: int, count: int) -> Array:
    """Each item's probability to be among so many, in (0, 1]; they sum to the count (all 0 for none)."""
    if count == 0:
        return np.zeros(items)
    return proportional(np.ones(items) if need is None else 1 + SLANT * need, count)


def _codes(frame: Frame, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    index = {group: k for k, group in enumerate(sorted(set(frame.groups)))}
    return np.array([index[frame.groups[i]] for i in rows], dtype=np.intp)


def _audit(frame: Frame, i: int, chance: float) -> Planned:
    return Planned(id=frame.ids[i], propensity=chance, audit=True, why=AUDIT)


def _planned(frame: Frame, i: int, chance: float) -> Planned:
    pressing = [words for words, ranks in frame.reasons.items() if ranks[i] >= PRESSING]
    return Planned(id=frame.ids[i], propensity=chance, audit=False, why=", ".join(pressing) or SPREAD)
