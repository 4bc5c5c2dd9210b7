"""What the vendor's judges say: a known function of item, judge and criterion, so that no score can hide."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.scripted import text_of

CRITERIA: Final = ("clarity", "civility")
LOWEST, HIGHEST = 1, 5
"""The judges' own anchored scale."""
_MARK: Final = re.compile(r"Note ([0-9]{7})\b")


def text_of_item(item: int, words: int = 60) -> str:
    """A text that carries its item's number, so that the vendor knows what it is asked about."""
    return f"Note {item:07d} of the harbour log. {text_of(words, seed=item)}"


def item_in(prompt: str) -> int | None:
    """The item that a prompt is about; None when it is about none."""
    found = _MARK.search(prompt)
    return int(found[1]) if found else None


def grade(item: int, judge: str, criterion: str) -> int:
    """What the judge says of the item: a whole number from 1 to 5. Different judges differ by one at most."""
    quality = _drawn(f"{item}/{criterion}", HIGHEST - LOWEST + 1)
    lean = _drawn(f"{item}/{criterion}/{judge}", 3) - 1
    return min(HIGHEST, max(LOWEST, LOWEST + quality + lean))


def score(item: int, judge: str, criterion: str) -> float:
    """The same on the product's scale, in [0, 1]."""
    return (grade(item, judge, criterion) - LOWEST) / (HIGHEST - LOWEST)


def grades(item: int, judge: str, criteria: Sequence[str] = CRITERIA) -> Mapping[str, int]:
    """Criterion -> grade."""
    return {criterion: grade(item, judge, criterion) for criterion in criteria}


def _drawn(what: str, count: int) -> int:
    """0..count-1, always the same for the same words."""
    return int.from_bytes(hashlib.blake2b(what.encode(), digest_size=8).digest(), "big") % count
