"""Grammar and spelling, by harper's lints."""

import math
import os
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.evidence import (
    against,
    chosen,
    counted,
    in_favour,
    listed,
    sentence,
    untouched_sentence,
)
from moa_scorer.judges.local.detector import Detect, DetectorSpec, ModelMissing
from moa_scorer.judges.local.frequency import IDENTITY, frequencies
from moa_scorer.judges.local.pool import CHUNK_SECONDS, Stop
from moa_scorer.judges.local.prepared import Prepared, put_together
from moa_scorer.judges.local.readable import not_english, revision, too_short
from moa_scorer.measures.language import warm
from moa_scorer.measures.sentences import sentences
from moa_scorer.measures.windows import Span, read_fraction, windows
from moa_scorer.measures.words import WORD

VERSION: Final = 1
CRITERIA: Final = ("mechanics", "spelling", "grammar", "construction", "casing")

_CHUNK: Final = 700
_MASK: Final = r"https?://\S+|www\.\S+|\S+@\S+\.\S+|[@#]\w+|\S+\.(com|org|net|biz|info)\b\S*"
# An odd word makes harper build what it looks for spellings in: a second that no request should wait.
_FIRST_LOOK: Final = "This are a first look at teh mistress'defense, so that later ones is quick."
_SMOOTHING_WORDS: Final = 20
_PATIENCE: Final = {"mechanics": 5.0}
_OTHER_PATIENCE: Final = 2.5
# harper's kind of lint -> (our criterion, weight). What is not here is taste, layout or dialect.
_KINDS: Final = {
    "Spelling": ("spelling", 1.0),
    "Typo": ("spelling", 1.0),
    "Eggcorn": ("spelling", 1.0),
    "Malapropism": ("spelling", 1.0),
    "Grammar": ("grammar", 1.0),
    "Agreement": ("grammar", 1.0),
    "Usage": ("grammar", 1.0),
    "Miscellaneous": ("grammar", 0.5),
    "Nonstandard": ("grammar", 1.0),
    "BoundaryError": ("construction", 1.0),
    "Repetition": ("construction", 1.0),
    "Readability": ("construction", 1.0),
    "Punctuation": ("construction", 0.5),
    "WordChoice": ("grammar", 0.3),
    "Capitalization": ("casing", 0.5),
}
_NAMES: Final = {
    "spelling": "likely spelling mistake",
    "grammar": "likely grammar fault",
    "construction": "badly built sentence",
    "casing": "capital letter fault",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """One lint that counts."""

    start: int
    """In the text as received."""
    end: int
    criterion: str
    weight: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What the text answers or condenses, and a word list: what these write is not a mistake."""

    text: str
    """The reference's words as written, with one blank around each."""
    words: frozenset[str]
    """In lower case."""
    listed: Set[str]
    """Words of a list that knows both spellings of English, in lower case."""


def mechanics_spec() -> DetectorSpec:
    """The judge of grammar and spelling. It needs the `harper` library and symspellpy's word list."""
    return DetectorSpec(
        profile=JudgeProfile(
            name="mechanics",
            title="Grammar, spelling and capital letters, by harper's rules",
            revision=revision("mechanics", VERSION, ("harper-py 0.2.0", IDENTITY)),
            criteria=CRITERIA,
            languages=("en",),
            detector=True,
            family="harper",
        ),
        load=_load,
        seconds_per_character=30e-6,
    )


class _Linters:
    """As many linters as there are cores, each used by one thread at a time: harper's must not be shared.

    All are made and used once by the thread that loads them, for then they share what harper looks spellings
    up in; a linter that is new to a thread would build that again, a second and 180 MB each.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(os.cpu_count() or 1):
            linter = make()
            linter.lint(_FIRST_LOOK, language="plaintext", regex_mask=_MASK)
            self._free.put(linter)

    @contextmanager
    def one(self, stop: Stop) -> Iterator[Any]:
        """A linter for this thread alone; waits for one while looking at `stop`."""
        linter = None
        while linter is None:
            stop.check()
            with suppress(Empty):
                linter = self._free.get(timeout=CHUNK_SECONDS / 2)
        try:
            yield linter
        finally:
            self._free.put(linter)


def _load() -> Detect:
    try:
        from harper import Linter
    except ImportError as missing:
        raise ModelMissing("the harper library is not installed: install the `embedded` extra") from missing
    linters = _Linters(Linter)
    warm()
    listed_words = frequencies().keys()

    def detect(content: Content, stop: Stop) -> Judgment | Abstention:
        if refused := too_short(content.text) or not_english(content):
            return refused
        with linters.one(stop) as linter:
            return _judge(content, linter, listed_words, stop)

    return detect


def _judge(content: Content, linter: Any, listed_words: Set[str], stop: Stop) -> Judgment:
    read = windows(content.text)
    source = _source(content.reference[:65_536], listed_words)
    faults: list[_Fault] = []
    words = 0
    tokenised = False
    for start, end in read:
        prepared = put_together(content.text[start:end])
        tokenised = tokenised or prepared.tokenised
        words += len(WORD.findall(prepared.text))
        faults.extend(_faults(prepared, start, linter, source, stop))
    lowered = tokenised and _is_lowered(content.text, read)
    if lowered:
        faults = [fault for fault in faults if fault.criterion != "casing"]
    return Judgment(
        answers=_answers(faults, words, lowered),
        evidence=_evidence(content.text, read, faults),
        critique=_critique(faults, words),
        read_fraction=read_fraction(content.text, read),
    )


def _faults(prepared: Prepared, offset: int, linter: Any, source: _Source, stop: Stop) -> Iterator[_Fault]:
    for begin, finish in _chunks(prepared.text):
        stop.check()
        for lint in linter.lint(prepared.text[begin:finish], language="plaintext", regex_mask=_MASK):
            criterion, weight = _weighed(lint, source)
            if weight and lint.span.end > lint.span.start:
                start, end = prepared.original(begin + lint.span.start, begin + lint.span.end)
                yield _Fault(
                    start=offset + start,
                    end=offset + end,
                    criterion=criterion,
                    weight=weight,
                    message=lint.message,
                )


def _chunks(text: str) -> Iterator[Span]:
    """Runs of whole sentences of at most 700 code points; a longer sentence is cut where it must be."""
    start = end = 0
    for begin, finish in sentences(text):
        if finish - start > _CHUNK and end > start:
            yield start, end
            start = begin
        while finish - start > _CHUNK:
            cut = text.rfind(" ", start + _CHUNK // 2, start + _CHUNK) + 1 or start + _CHUNK
            yield start, cut
            start = cut
        end = finish
    if end > start:
        yield start, end


def _weighed(lint: Any, source: _Source) -> tuple[str, float]:
    """The criterion that a lint speaks to and its weight; weight 0 for what is not held against a text."""
    criterion, weight = _KINDS.get(lint.lint_kind, ("", 0.0))
    word = lint.problem_text
    if criterion == "casing" and f" {word} " in source.text:
        return criterion, 0.0
    if criterion != "spelling":
        return criterion, weight
    parts = [part.removesuffix("'s") for part in WORD.findall(word.lower())]
    if word[:1].isupper() or word in source.listed or any(part in source.words for part in parts):
        return criterion, 0.0
    if len(word) < 3 or not word.isalpha():
        return criterion, weight / 2
    if any(fix.replacement_text.lower() == word for fix in lint.suggestions):
        return "casing", weight / 2
    return criterion, weight


def _source(reference: str, listed_words: Set[str]) -> _Source:
    cased = WORD.findall(reference)
    words = frozenset(word.lower().removesuffix("'s") for word in cased)
    return _Source(text=f" {' '.join(cased)} ", words=words, listed=listed_words)


def _is_lowered(text: str, read: tuple[Span, ...]) -> bool:
    """Whether fewer than half of the sentences begin with a capital: case was lost, not misused."""
    firsts = [text[start + begin] for start, end in read for begin, _ in sentences(text[start:end])]
    letters = [first for first in firsts if first.isalpha()]
    return 2 * sum(map(str.isupper, letters)) < len(letters)


def _answers(faults: list[_Fault], words: int, lowered: bool) -> dict[str, Score | Abstention]:
    """exp(-weighted faults in a hundred words / patience), with twenty words of credit for short texts."""
    answers: dict[str, Score | Abstention] = {}
    for criterion in CRITERIA:
        weight = math.fsum(f.weight for f in faults if criterion in ("mechanics", f.criterion))
        rate = 100 * weight / (words + _SMOOTHING_WORDS)
        answers[criterion] = Score(value=math.exp(-rate / _PATIENCE.get(criterion, _OTHER_PATIENCE)))
    if lowered:
        answers["casing"] = Abstention(
            reason=AbstentionReason.NOT_APPLICABLE, detail="the text is lower-cased tokens, not prose"
        )
    return answers


def _evidence(text: str, read: tuple[Span, ...], faults: list[_Fault]) -> tuple[Evidence, ...]:
    worst = sorted(faults, key=lambda fault: (-fault.weight, fault.start))
    found = [
        against(text, fault.start, fault.end, fault.criterion, fault.message)
        for fault in worst
        if text[fault.start : fault.end].strip()
    ]
    if found:
        return chosen(found)
    clean = untouched_sentence(text, read, ())
    return (in_favour(text, *clean, "mechanics", "no mistakes found in this sentence"),) if clean else ()


def _critique(faults: list[_Fault], words: int) -> str:
    if not faults:
        return f"No spelling or grammar mistakes were found in {counted(words, 'word')}."
    counts = {name: sum(1 for fault in faults if fault.criterion == name) for name in _NAMES}
    parts = [counted(count, _NAMES[name]) for name, count in counts.items() if count]
    return sentence(f"{listed(parts)} in {counted(words, 'word')}")
