"""Whether runs of letters look like words of English, by the letter triples of a word list."""

from functools import cache
from typing import Final

from moa_scorer.judges.local.frequency import frequencies

_FEWEST_WORDS: Final = 12
_SHARE: Final = 0.5


@cache
def known_triples() -> frozenset[str]:
    """Letter triples, with ^ and $ as edges, that occur in at least twelve words of the list."""
    counts: dict[str, int] = {}
    for word in frequencies():
        for triple in set(triples(word)):
            counts[triple] = counts.get(triple, 0) + 1
    return frozenset(triple for triple, count in counts.items() if count >= _FEWEST_WORDS)


def triples(word: str) -> list[str]:
    """Letter triples of a lower-case word with its edges."""
    edged = f"^{word}$"
    return [edged[place : place + 3] for place in range(len(edged) - 2)]


def is_nonsense(word: str, usual: frozenset[str]) -> bool:
    """Whether a lower-case word of at least five English letters is made mostly of unusual triples."""
    if len(word) < 5 or not word.isascii() or not word.isalpha():
        return False
    found = triples(word)
    return sum(1 for triple in found if triple not in usual) >= _SHARE * len(found)
