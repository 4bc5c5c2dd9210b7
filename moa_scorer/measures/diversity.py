"""How rich a text's vocabulary is."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

from moa_scorer.measures.reading import Reading
from moa_scorer.measures.words import FUNCTION_WORDS, ratio

_MTLD_THRESHOLD: Final = 0.72


def root_type_token_ratio(reading: Reading) -> float:
    """Different words over the square root of words (Guiraud 1954); 0 without words."""
    return len(set(reading.words)) / math.sqrt(len(reading.words)) if reading.words else 0.0


def log_mtld(reading: Reading) -> float:
    """ln(1 + measure of textual lexical diversity), both directions averaged (McCarthy & Jarvis 2010)."""
    forward = _mtld(reading.words)
    backward = _mtld(reversed(reading.words))
    return math.log1p((forward + backward) / 2)


def once_only_words(reading: Reading) -> float:
    """Share of words that occur once, in [0, 1]."""
    return ratio(sum(1 for count in Counter(reading.words).values() if count == 1), len(reading.words))


def function_words(reading: Reading) -> float:
    """Share of English function words, in [0, 1]; low for lists, headlines and other languages."""
    return ratio(sum(1 for word in reading.words if word in FUNCTION_WORDS), len(reading.words))


def _mtld(words: Iterable[str]) -> float:
    """Mean length of the stretches that keep the type-token ratio above the threshold; 0 without words."""
    factors, count, total = 0.0, 0, 0
    types: set[str] = set()
    for word in words:
        total += 1
        count += 1
        types.add(word)
        if len(types) < _MTLD_THRESHOLD * count:
            factors, count = factors + 1, 0
            types.clear()
    if count:
        factors += (1 - len(types) / count) / (1 - _MTLD_THRESHOLD)
    return total / max(factors, 1.0)
