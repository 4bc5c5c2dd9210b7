"""What a single value of a file says: a text, a number, several numbers, yes or no."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.learning.study.mistakes import Mistakes

EMPTY = frozenset({"", "na", "n/a", "none", "null", "-"})
"""Words for a missing value, in lower case. `nan` is none of them: it is a number that went wrong."""
YES, NO = frozenset({"true", "yes", "y", "1", "1.0"}), frozenset({"false", "no", "n", "0", "0.0"})
REASONS = {reason.value: reason for reason in AbstentionReason}


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing."""
    return value is None or (isinstance(value, str) and value.strip().lower() in EMPTY)


def text_of(value: Any) -> str:
    """A cell as a text or an id, empty where it says nothing; a whole number has no decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def number_of(value: Any, where: str, mistakes: Mistakes) -> float | None:
    """A finite number; None for an empty cell, and for a mistake, which is noted."""
    if is_empty(value):
        return None
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return float(value.lower() == "true")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        mistakes.add(where, f"{_shown(value)} is not a number")
        return None
    if not math.isfinite(number):
        mistakes.add(where, f"{_shown(value)} is not a finite number; leave out what is not known")
        return None
    return number


def numbers_of(value: Any, where: str, mistakes: Mistakes) -> tuple[float, ...]:
    """The numbers of a cell that holds one, a list, or a list as text: `3;4`, `3|4`, `[3, 4]`."""
    parts = (number_of(part, where, mistakes) for part in parts_of(value))
    return tuple(part for part in parts if part is not None)


def parts_of(value: Any) -> Sequence[Any]:
    """The values of a cell that may hold several."""
    if isinstance(value, list | tuple):
        return value
    if is_empty(value):
        return ()
    if not isinstance(value, str):
        return (value,)
    if value.startswith("["):
        try:
            listed = json.loads(value)
        except ValueError:
            return (value,)
        return listed if isinstance(listed, list) else (value,)
    return [part.strip() for part in value.replace("|", ";").split(";")]


def mapping_of(value: Any, where: str, mistakes: Mistakes) -> Mapping[str, Any]:
    """An object's values by name; empty for none, and for what is no object, which is noted."""
    if isinstance(value, dict):
        return value
    if value is not None:
        mistakes.add(where, f"{_shown(value)} should be an object, {{…}}")
    return {}


def flag_of(value: Any, where: str, mistakes: Mistakes) -> bool:
    """Yes or no; no for an empty cell."""
    word = text_of(value).lower()
    if word not in YES and word not in NO and not is_empty(value):
        mistakes.add(where, f"{_shown(value)} is neither yes nor no")
    return word in YES


def reason_of(value: Any) -> AbstentionReason | None:
    """The reason of abstention that a cell names, such as `refused`; None for anything else."""
    return REASONS.get(value.strip().lower()) if isinstance(value, str) else None


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}…"
