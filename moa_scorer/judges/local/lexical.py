"""Readability, vocabulary, diversity and repetition, by own formulas and a frequency list."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from moa_scorer.domain.ballot import Abstention, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.evidence import (
    against,
    chosen,
    clipped,
    counted,
    in_favour,
    sentence,
    untouched_sentence,
)
from moa_scorer.judges.local.detector import Detect, DetectorSpec
from moa_scorer.judges.local.frequency import IDENTITY, frequencies
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.readable import not_english, revision, too_short
from moa_scorer.measures.language import warm
from moa_scorer.measures.repetition import repeated_share
from moa_scorer.measures.sentences import sentences
from moa_scorer.measures.windows import Span, read_fraction, windows
from moa_scorer.measures.words import FUNCTION_WORDS, WORD

VERSION: Final = 1
CRITERIA: Final = ("readability", "vocabulary", "plainness", "diversity", "repetition")

_UNCOMMON: Final = 4.6
_RARE: Final = 4.2
_FULL_SENTENCE: Final = 20.0
_LONG_SENTENCE: Final = 40
_SEGMENT: Final = 50
_STEP: Final = 10
_PHRASE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is counted in a text."""

    text: str
    read: tuple[Span, ...]
    spans: tuple[Span, ...]
    """Of the words."""
    words: tuple[str, ...]
    """In lower case, without possessive endings."""
    content: tuple[str, ...]
    """Those that are no function words and only letters."""
    rarity: Mapping[str, float]
    """Content word -> log10 occurrences in a billion, where the list knows it."""
    lengths: tuple[tuple[Span, int], ...]
    """Sentence -> words."""


def lexical_spec() -> DetectorSpec:
    """The judge of words and sentences. It needs symspellpy's frequency list."""
    return DetectorSpec(
        profile=JudgeProfile(
            name="lexical",
            title="Readability, vocabulary, diversity and repetition, by formulas",
            revision=revision("lexical", VERSION, (IDENTITY,)),
            criteria=CRITERIA,
            languages=("en",),
            detector=True,
            family="formulas",
        ),
        load=_load,
        seconds_per_character=0.7e-6,
    )


def _load() -> Detect:
    known = frequencies()
    warm()

    def detect(content: Content, stop: Stop) -> Judgment | Abstention:
        stop.check()
        refused = too_short(content.text) or not_english(content)
        return refused or _judge(_look(content.text, known))

    return detect


def _look(text: str, known: Mapping[str, float]) -> _Look:
    read = windows(text)
    spans = tuple(match.span() for start, end in read for match in WORD.finditer(text, start, end))
    words = tuple(text[start:end].lower().replace("’", "'").removesuffix("'s") for start, end in spans)
    content = tuple(word for word in words if word not in FUNCTION_WORDS and word.isalpha())
    return _Look(
        text=text,
        read=read,
        spans=spans,
        words=words,
        content=content,
        rarity={word: known[word] for word in content if word in known},
        lengths=tuple(_sentence_lengths(text, read)),
    )


def _sentence_lengths(text: str, read: tuple[Span, ...]) -> Iterator[tuple[Span, int]]:
    for first, last in read:
        for begin, finish in sentences(text[first:last]):
            words = sum(1 for _ in WORD.finditer(text, first + begin, first + finish))
            if words:
                yield (first + begin, first + finish), words


def _judge(look: _Look) -> Judgment:
    phrases = _repeated_phrases(look)
    return Judgment(
        answers={
            "readability": Score(value=_readability(look)),
            "vocabulary": Score(value=_vocabulary(look)),
            "plainness": Score(value=_plainness(look)),
            "diversity": Score(value=_diversity(look.words)),
            "repetition": Score(value=_freedom_from_repetition(look.words)),
        },
        evidence=_evidence(look, phrases),
        critique=_critique(look, phrases),
        read_fraction=read_fraction(look.text, look.read),
    )


def _readability(look: _Look) -> float:
    """Rises with the mean length of sentences up to 20 words, falls with the longest one above 40."""
    lengths = [words for _, words in look.lengths]
    mean = sum(lengths) / len(lengths)
    return min(1.0, mean / _FULL_SENTENCE) * min(1.0, _LONG_SENTENCE / max(lengths))


def _vocabulary(look: _Look) -> float:
    """1 - exp(-different uncommon words over the square root of content words, divided by 2)."""
    uncommon = sum(1 for value in look.rarity.values() if value < _UNCOMMON)
    return 1.0 - math.exp(-uncommon / math.sqrt(max(1, len(look.content))) / 2)


def _plainness(look: _Look) -> float:
    """Share of content words that are not rare; words that the list lacks count as not rare."""
    rare = sum(1 for word in look.content if look.rarity.get(word, 9.0) < _RARE)
    return 1.0 - rare / len(look.content) if look.content else 1.0


def _diversity(words: Sequence[str]) -> float:
    """Mean share of different words in runs of fifty, brought from [0.3, 1] to [0, 1]."""
    counts = Counter(words[:_SEGMENT])
    shares = [len(counts) / min(len(words), _SEGMENT)]
    for start in range(0, len(words) - _SEGMENT - _STEP + 1, _STEP):
        counts.subtract(words[start : start + _STEP])
        counts.update(words[start + _SEGMENT : start + _SEGMENT + _STEP])
        shares.append(sum(1 for count in counts.values() if count > 0) / _SEGMENT)
    return clipped((sum(shares) / len(shares) - 0.3) / 0.7)


def _freedom_from_repetition(words: Sequence[str]) -> float:
    """1 less the shares of word pairs (a third) and of runs of four words (twice) that occurred before."""
    return clipped(1.0 - repeated_share(words, 2) / 3 - 2 * repeated_share(words, _PHRASE))


def _repeated_phrases(look: _Look) -> tuple[Span, ...]:
    """Where runs of at least four words occur again, as maximal spans of the text, the longest first."""
    seen: set[tuple[str, ...]] = set()
    runs: list[list[int]] = []
    for place in range(len(look.words) - _PHRASE + 1):
        gram = look.words[place : place + _PHRASE]
        if gram in seen and runs and place <= runs[-1][1] - _PHRASE + 1:
            runs[-1][1] = place + _PHRASE
        elif gram in seen:
            runs.append([place, place + _PHRASE])
        seen.add(gram)
    runs.sort(key=lambda run: (run[0] - run[1], run[0]))
    return tuple((look.spans[first][0], look.spans[last - 1][1]) for first, last in runs)


def _evidence(look: _Look, phrases: tuple[Span, ...]) -> tuple[Evidence, ...]:
    text = look.text
    found = [against(text, *place, "repetition", "said before") for place in phrases[:3]]
    long = [span for span, words in look.lengths if words > _LONG_SENTENCE]
    found += [against(text, *place, "readability", "a very long sentence") for place in long[:2]]
    found += [in_favour(text, *place, "vocabulary", "an uncommon word") for place in _rich_words(look)]
    if not found:
        clean = untouched_sentence(text, look.read, ())
        found = [in_favour(text, *clean, "readability", "an easy sentence")] if clean else []
    return chosen(found)


def _rich_words(look: _Look) -> Iterator[Span]:
    """The first places of up to three of the rarest known words of eight letters and more."""
    rich = sorted(
        (value, word) for word, value in look.rarity.items() if value < _UNCOMMON and len(word) >= 8
    )
    wanted = {word for _, word in islice(rich, 3)}
    for word, place in zip(look.words, look.spans, strict=True):
        if word in wanted and look.text[place[0]].islower():
            wanted.discard(word)
            yield place


def _critique(look: _Look, phrases: tuple[Span, ...]) -> str:
    lengths = [words for _, words in look.lengths]
    mean = round(sum(lengths) / len(lengths))
    uncommon = sum(1 for value in look.rarity.values() if value < _UNCOMMON)
    first = f"{counted(len(lengths), 'sentence')} of {counted(mean, 'word')}"
    first += " on average" if len(lengths) > 1 else ""
    second = f"{counted(uncommon, 'uncommon word')}, {counted(len(phrases), 'phrase')} said before"
    return f"{sentence(first)} {sentence(second)}"
