"""How naturally a text reads: what a small language model makes of its words.

Likelihood alone is no score: repetition and boilerplate are too easy to foresee, gibberish too hard, and good
prose lies between. So each number is mapped through a band. The bands were set on people's ratings of
SummEval and HANNA without their final groups. A second pass with the context before the text gained .005
there and is not made.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.evidence import against, clipped, in_favour, sentence
from moa_scorer.judges.local.detector import Detect, DetectorSpec
from moa_scorer.judges.local.fluency_model import FluencyModel, NotFinite, Reading
from moa_scorer.judges.local.model_sources import FLUENCY_GRAPH, FLUENCY_TOKENIZER
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.prepared import Prepared, put_together
from moa_scorer.judges.local.readable import not_english, revision, too_short
from moa_scorer.measures.sentences import sentences
from moa_scorer.measures.windows import windows

VERSION: Final = 2
CRITERIA: Final = ("fluency", "surprise", "texture")

Band = tuple[float, float, float, float]
"""0 at the first and last corner and outside, 1 between the middle ones, straight lines between."""

FEWEST_TOKENS: Final = 8
MEAN_BAND: Final[Band] = (-7.2, -4.4, -2.8, -1.7)
"""Of the mean log-probability of a token, in nats."""
HARD_BAND: Final[Band] = (0.0, 0.14, 0.28, 0.6)
"""Of the share of tokens that are hard to foresee."""
SPREAD_BAND: Final[Band] = (0.5, 3.3, 3.3, 4.5)
"""Of the standard deviation of a token's log-probability, in nats."""

_CALIBRATED: Final = "int8"
"""Form of the graph that the snapshots were fitted with; the float form of a processor without fast int8
products differs by .06 nats a text at most (rank correlation .998)."""
_HARD: Final = -6.0
"""Log-probability under which a token is hard to foresee: less than one in four hundred."""
_FEWEST_IN_SENTENCE: Final = 5
_RUN: Final = 6
_LONGEST_RUN: Final = 80
_LETTERS: Final = re.compile(r"[^\W_]+")
_LETTERS_BEFORE: Final = re.compile(r"[^\W_]+$")
_RUN_TOO_HARD: Final = -7.0
_SENTENCE_TOO_EASY: Final = -1.5
_WORDS: Final = (
    (-1.7, "the wording can be foreseen almost word for word, like repetition or a set phrase"),
    (-2.6, "the wording is smooth but predictable"),
    (-4.6, "the wording reads naturally"),
    (-5.5, "the wording is uneven and often unexpected"),
    (-99.0, "hardly any word follows from those before it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is read off the log-probabilities of a text's tokens."""

    mean: float
    """Nats a token."""
    hard: float
    """Share of hard tokens, in [0, 1]."""
    spread: float
    """Standard deviation in nats."""


def signals(logs: NDArray[np.float32]) -> Signals:
    """Summarises at least one token, in float64."""
    wide = logs.astype(np.float64)
    return Signals(mean=float(wide.mean()), hard=float((wide < _HARD).mean()), spread=float(wide.std()))


def within(value: float, band: Band) -> float:
    """The height of a band at a value, in [0, 1]."""
    low, full, falling, high = band
    return clipped(min((value - low) / (full - low), (high - value) / (high - falling)))


def fluency_spec(store: ModelStore) -> DetectorSpec:
    """The judge of fluency. Needs the fluency model of the store."""
    tokenizer = store.identity(FLUENCY_TOKENIZER)
    return DetectorSpec(
        profile=JudgeProfile(
            name="fluency",
            title="How naturally the text reads, by a small language model",
            revision=revision("fluency", VERSION, (store.identity(FLUENCY_GRAPH), tokenizer)),
            equivalent=revision("fluency", VERSION, (store.identity(FLUENCY_GRAPH, _CALIBRATED), tokenizer)),
            criteria=CRITERIA,
            languages=("en",),
            detector=True,
            family="SmolLM2",
        ),
        load=lambda: _load(store),
        seconds_per_character=2.5e-4,
    )


def _load(store: ModelStore) -> Detect:
    model = FluencyModel.load(store.path(FLUENCY_GRAPH), store.path(FLUENCY_TOKENIZER))

    def detect(content: Content, stop: Stop) -> Judgment | Abstention:
        return too_short(content.text) or not_english(content) or _judge(model, content, stop)

    return detect


def _judge(model: FluencyModel, content: Content, stop: Stop) -> Judgment | Abstention:
    prepared = put_together(content.text)
    try:
        reading = model.read(prepared.text, stop)
    except NotFinite:
        return Abstention(
            reason=AbstentionReason.PROVIDER_ERROR, detail="the language model overflowed on this text"
        )
    if len(reading.logs) < FEWEST_TOKENS:
        return Abstention(
            reason=AbstentionReason.TOO_SHORT, detail="the text is too short for a language model to judge"
        )
    found = signals(reading.logs)
    return Judgment(
        answers={
            "fluency": Score(value=within(found.mean, MEAN_BAND)),
            "surprise": Score(value=within(found.hard, HARD_BAND)),
            "texture": Score(value=within(found.spread, SPREAD_BAND)),
        },
        evidence=_evidence(content.text, prepared, reading),
        critique=_critique(found),
        read_fraction=reading.fraction,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passage:
    """Some neighbouring tokens."""

    start: int
    """First code point in the prepared text."""
    end: int
    mean: float
    """Mean log-probability."""


def _evidence(text: str, prepared: Prepared, reading: Reading) -> tuple[Evidence, ...]:
    """The hardest few words or the most foreseeable sentence, and the sentence nearest to good prose."""
    cited: list[Evidence] = []
    hardest = min(_runs(reading), key=lambda run: run.mean, default=None)
    if hardest and hardest.mean < _RUN_TOO_HARD:
        place = prepared.original(*_whole_words(prepared.text, hardest))
        cited.append(against(text, *place, "fluency", "hardly follows from the words before it"))
    whole = tuple(_sentences(prepared.text, reading))
    easiest = max(whole, key=lambda passage: passage.mean, default=None)
    if easiest and easiest.mean > _SENTENCE_TOO_EASY:
        place = prepared.original(easiest.start, easiest.end)
        cited.append(against(text, *place, "fluency", "could be foreseen almost word for word"))
    natural = max(whole, key=lambda passage: within(passage.mean, MEAN_BAND), default=None)
    fluent = within(signals(reading.logs).mean, MEAN_BAND) > 0
    if natural and fluent and natural.mean <= _SENTENCE_TOO_EASY and within(natural.mean, MEAN_BAND) >= 0.5:
        place = prepared.original(natural.start, natural.end)
        cited.append(in_favour(text, *place, "fluency", "reads naturally"))
    return tuple(sorted(cited, key=lambda item: item.start))


def _whole_words(text: str, passage: _Passage) -> tuple[int, int]:
    """The passage's span, widened to the ends of the words that it cuts."""
    start, end = passage.start, passage.end
    before = _LETTERS_BEFORE.search(text, max(0, start - _LONGEST_RUN), start)
    after = _LETTERS.match(text, end, end + _LONGEST_RUN)
    return (
        before.start() if before and text[start].isalnum() else start,
        after.end() if after and text[end - 1].isalnum() else end,
    )


def _runs(reading: Reading) -> Iterator[_Passage]:
    """Every run of so many tokens, less those that reach over what lies between two windows."""
    sums = np.concatenate([[0.0], np.cumsum(reading.logs, dtype=np.float64)])
    for first in range(len(reading.logs) - _RUN + 1):
        start, end = reading.spans[first][0], reading.spans[first + _RUN - 1][1]
        if end - start <= _LONGEST_RUN:
            yield _Passage(start=start, end=end, mean=float(sums[first + _RUN] - sums[first]) / _RUN)


def _sentences(text: str, reading: Reading) -> Iterator[_Passage]:
    """The sentences of the windows that were read nearly in whole, with a few tokens at least."""
    starts = np.array([start for start, _ in reading.spans])
    ends = np.array([end for _, end in reading.spans])
    found = (
        (first + start, first + end)
        for first, last in windows(text)
        for start, end in sentences(text[first:last])
    )
    for start, end in found:
        inside = (ends > start) & (starts < end)
        known = int((ends - starts)[inside].sum())
        if inside.sum() >= _FEWEST_IN_SENTENCE and known >= 0.8 * (end - start):
            yield _Passage(start=start, end=end, mean=float(reading.logs[inside].mean(dtype=np.float64)))


def _critique(found: Signals) -> str:
    words = next(words for least, words in _WORDS if found.mean >= least)
    if found.mean > _WORDS[1][0]:
        return sentence(words)
    share = within(found.hard, HARD_BAND)
    if share >= 0.8:
        return f"{sentence(words)} {sentence('it keeps a lively share of words that one does not foresee')}"
    if found.hard > HARD_BAND[2]:
        return f"{sentence(words)} {sentence('many single words come as a surprise')}"
    return f"{sentence(words)} {sentence('few words come as a surprise')}"
