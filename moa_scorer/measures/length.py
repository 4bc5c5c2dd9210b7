"""How long a text and its parts are."""

import math

from moa_scorer.measures.reading import Reading
from moa_scorer.measures.words import ratio


def log_words(reading: Reading) -> float:
    """ln(1 + blank-separated words of the whole text)."""
    return math.log1p(len(reading.whole.split()))


def log_sentences(reading: Reading) -> float:
    """ln(1 + sentences), those of a long text extrapolated from what was read."""
    return math.log1p(len(reading.sentences) / reading.fraction)


def log_paragraphs(reading: Reading) -> float:
    """ln(1 + lines of the whole text that are not blank)."""
    return math.log1p(sum(1 for line in reading.whole.splitlines() if line.strip()))


def words_per_sentence(reading: Reading) -> float:
    """ln(1 + mean words in a sentence)."""
    return math.log1p(ratio(len(reading.words), len(reading.sentences)))


def sentence_variation(reading: Reading) -> float:
    """Standard deviation of the sentences' lengths in code points over their mean; 0 below two sentences."""
    lengths = [end - start for start, end in reading.sentences]
    if len(lengths) < 2:
        return 0.0
    mean = sum(lengths) / len(lengths)
    return math.sqrt(sum((length - mean) ** 2 for length in lengths) / len(lengths)) / mean


def characters_per_word(reading: Reading) -> float:
    """Mean code points in a word, at most 20."""
    return min(20.0, ratio(sum(map(len, reading.words)), len(reading.words)))


def long_words(reading: Reading) -> float:
    """Share of words with more than six code points, in [0, 1]."""
    return ratio(sum(1 for word in reading.words if len(word) > 6), len(reading.words))
