"""How much a text repeats itself."""

import zlib
from collections.abc import Sequence
from typing import Final

from moa_scorer.measures.reading import Reading
from moa_scorer.measures.words import FUNCTION_WORDS, ratio

_COMPARED: Final = 40


def repeated_share(words: Sequence[str], size: int) -> float:
    """Share of the n-grams of a size that occurred before, in [0, 1); 0 when there are none."""
    grams = list(zip(*(words[offset:] for offset in range(size)), strict=False))
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0


def repeated_bigrams(reading: Reading) -> float:
    """Share of word pairs that occurred before, in [0, 1)."""
    return repeated_share(reading.words, 2)


def repeated_fourgrams(reading: Reading) -> float:
    """Share of runs of four words that occurred before, in [0, 1)."""
    return repeated_share(reading.words, 4)


def repeated_sentences(reading: Reading) -> float:
    """Share of sentences that occurred before, case aside, in [0, 1)."""
    seen = {reading.part[start:end].lower() for start, end in reading.sentences}
    return 1.0 - ratio(len(seen), len(reading.sentences)) if reading.sentences else 0.0


def most_alike_sentences(reading: Reading) -> float:
    """Largest share of content words that a sentence has from another one, in [0, 1]; of the first forty."""
    found = [set(words) - FUNCTION_WORDS for words in reading.sentence_words[:_COMPARED]]
    pairs = ((one, other) for place, one in enumerate(found) for other in found[place + 1 :])
    return max(
        (len(one & other) / min(len(one), len(other)) for one, other in pairs if one and other), default=0.0
    )


def most_frequent_word(reading: Reading) -> float:
    """Share of the most frequent word of more than three code points, in [0, 1]."""
    counts: dict[str, int] = {}
    for word in reading.words:
        if len(word) > 3:
            counts[word] = counts.get(word, 0) + 1
    return ratio(max(counts.values(), default=0), len(reading.words))


def compressed(reading: Reading) -> float:
    """Bytes after deflate over bytes before, at most 1.5; small for repetitive text, 1 for an empty one."""
    data = reading.part.encode("utf-8", "surrogatepass")
    return min(1.5, len(zlib.compress(data, 6)) / len(data)) if data else 1.0
