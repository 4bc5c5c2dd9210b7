"""A text against what it answers or condenses: how much is copied, and how much is found nowhere in it."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from moa_scorer.measures.reading import Reading
from moa_scorer.measures.words import FUNCTION_WORDS, WORD, ratio

_READ: Final = 65_536
_LEAD: Final = 100
_CANDIDATES: Final = 8
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The reference, split once."""

    words: tuple[str, ...]
    """In lower case, of the first 65,536 code points."""
    vocabulary: frozenset[str]
    bigrams: Mapping[tuple[str, str], tuple[int, ...]]
    """Word pair -> where it occurs, its first eight places."""


def source_of(reference: str) -> Source:
    """Splits a reference; time is linear in its length."""
    words = tuple(WORD.findall(reference[:_READ].lower()))
    places: dict[tuple[str, str], tuple[int, ...]] = {}
    for place, pair in enumerate(pairwise(words)):
        known = places.get(pair, ())
        if len(known) < _CANDIDATES:
            places[pair] = (*known, place)
    return Source(words=words, vocabulary=frozenset(words), bigrams=places)


def fragments(words: Sequence[str], source: Source) -> tuple[int, ...]:
    """Lengths of the runs of words copied from the source, found greedily from left to right.

    After Grusky, Naaman & Artzi, "Newsroom" (NAACL 2018), with the first eight places of a word pair as
    candidates, so that time stays linear.
    """
    found: list[int] = []
    start = 0
    while start < len(words):
        length = _longest(words, start, source)
        if length:
            found.append(length)
        start += max(1, length)
    return tuple(found)


def _longest(words: Sequence[str], start: int, source: Source) -> int:
    if words[start] not in source.vocabulary:
        return 0
    if start + 1 == len(words):
        return 1
    places = source.bigrams.get((words[start], words[start + 1]), ())
    return max((_common(words, start, source.words, place) for place in places), default=1)


def _common(words: Sequence[str], start: int, others: Sequence[str], place: int) -> int:
    length = 0
    most = min(len(words) - start, len(others) - place)
    while length < most and words[start + length] == others[place + length]:
        length += 1
    return length


def against_source(reading: Reading, source: Source) -> dict[str, float]:
    """The measures that need a reference, by name, in a fixed order; all finite.

    - `copied`: share of words in copied runs, [0, 1] (coverage); `copied_run`: ln(1 + squared lengths of the
      runs, per word) (density); `copied_runs`: runs per word, [0, 1]
    - `novel_bigrams`, `novel_trigrams`: share not in the source; `least_supported`: smallest share of a
      sentence's bigrams that is in the source, [0, 1], 1 without bigrams
    - `compression`: ln(source words / words), within ±12
    - `lead`: share of bigrams found in the source's first 100 words; `source_position`: mean place of the
      sentences in the source, [0, 1], 0.5 when unknown; `in_order`: share of neighbouring sentences that
      follow the source's order, [0, 1], 1 below two
    - `novel_numbers`, `novel_names`: those not in the source, per sentence, at most 4
    - `answered`: share of the source's content words that occur in the text; `salient`: the same among the
      source's repeated content words, by how often they occur; `on_topic`: share of the text's content words
      that occur in the source
    """
    runs = fragments(reading.words, source)
    return {
        "copied": ratio(sum(runs), len(reading.words)),
        "copied_run": math.log1p(ratio(sum(run * run for run in runs), len(reading.words))),
        "copied_runs": ratio(len(runs), len(reading.words)),
        "novel_bigrams": _novel(reading.words, source.words, 2),
        "novel_trigrams": _novel(reading.words, source.words, 3),
        "least_supported": _least_supported(reading, source),
        "compression": math.log((1 + len(source.words)) / (1 + len(reading.words))),
        "lead": 1.0 - _novel(reading.words, source.words[:_LEAD], 2),
        **_places(reading, source),
        "novel_numbers": min(4.0, ratio(len(novel_numbers(reading, source)), len(reading.sentences))),
        "novel_names": min(4.0, ratio(len(novel_names(reading, source)), len(reading.sentences))),
        **_shared_content(reading, source),
    }


def _least_supported(reading: Reading, source: Source) -> float:
    grams = [set(pairwise(words)) for words in reading.sentence_words if len(words) > 2]
    return min(
        (sum(1 for gram in found if gram in source.bigrams) / len(found) for found in grams), default=1.0
    )


def _places(reading: Reading, source: Source) -> dict[str, float]:
    """Where in the source the sentences come from: each at the median of its first known bigrams' places."""
    places: list[int] = []
    for words in reading.sentence_words:
        known = sorted(source.bigrams[gram][0] for gram in pairwise(words) if gram in source.bigrams)
        if known:
            places.append(known[len(known) // 2])
    steps = list(pairwise(places))
    return {
        "source_position": sum(places) / len(places) / len(source.words) if places else 0.5,
        "in_order": sum(1 for one, other in steps if one <= other) / len(steps) if steps else 1.0,
    }


def _shared_content(reading: Reading, source: Source) -> dict[str, float]:
    content = set(reading.words) - FUNCTION_WORDS
    asked = source.vocabulary - FUNCTION_WORDS
    counts = Counter(word for word in source.words if word in asked)
    repeated = {word: count for word, count in counts.items() if count > 1}
    return {
        "answered": ratio(len(asked & content), len(asked)),
        "salient": ratio(sum(repeated[word] for word in repeated.keys() & content), sum(repeated.values())),
        "on_topic": ratio(len(asked & content), len(content)),
    }


def novel_numbers(reading: Reading, source: Source) -> frozenset[str]:
    """Numbers of the text that the source does not have."""
    found = set(_NUMBER.findall(reading.part))
    return (
        frozenset(found - source.vocabulary - set(_NUMBER.findall(" ".join(source.words))))
        if found
        else frozenset()
    )


def novel_names(reading: Reading, source: Source) -> frozenset[str]:
    """Capitalised words inside sentences that the source does not have in any case, in lower case."""
    before = ("", *reading.cased)
    return frozenset(
        word.lower()
        for previous, word in zip(before, reading.cased, strict=False)
        if word[0].isupper()
        and previous[:1].islower()
        and word.lower() not in source.vocabulary
        and len(word) > 1
    )


def _novel(words: Sequence[str], others: Sequence[str], size: int) -> float:
    """Share of different n-grams of `words` that `others` do not have; 0 when there are none."""
    grams = set(zip(*(words[offset:] for offset in range(size)), strict=False))
    known = set(zip(*(others[offset:] for offset in range(size)), strict=False))
    return ratio(len(grams - known), len(grams))
