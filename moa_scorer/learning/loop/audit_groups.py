"""The parts of an audit that are looked at by themselves: whom a text speaks of, and where it comes from."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.study.ratings import RatedItem


def groups_of(items: Sequence[RatedItem]) -> Mapping[str, NDArray[np.bool_]]:
    """Name of a group -> which items belong to it; an item may belong to several, or to none."""
    names = [_names(item) for item in items]
    every = sorted({name for own in names for name in own})
    return {name: np.array([name in own for own in names]) for name in every}


def _names(item: RatedItem) -> set[str]:
    found = {f"mentions {group}" for group in item.mentions or ()}
    if item.system:
        found.add(f"source {item.system}")
    return found
