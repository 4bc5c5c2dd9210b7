"""The comment student: civility of comments, learned from people's ratings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from moa_scorer.calibration.student import CRITERIA, Reader, Reading, columns, load
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.domain.ruler import digest
from moa_scorer.judges.evidence import against, chosen, counted, in_favour, sentence, untouched_sentence
from moa_scorer.judges.local.detector import Detect, DetectorSpec, ModelMissing
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.readable import not_english, revision, too_short
from moa_scorer.measures.windows import Span, read_fraction, windows

VERSION: Final = 1
KIND: Final = "comment"

_FEWEST_KNOWN: Final = 0.35
"""Share of known words below which it abstains: of the rated comments one in a thousand has fewer."""
_TELLING: Final = -0.05
"""What an expression takes off to be cited."""
_HARD: Final = -3.0
"""Strength of a word, taken alone, that is cited however little it weighs in a long text."""
_UNCIVIL: Final = 0.5
_SPANS: Final = 5


def student_spec(path: Path) -> DetectorSpec:
    """The judge of comments that reads its weights from `path`; it abstains where the file is missing."""
    return DetectorSpec(
        profile=JudgeProfile(
            name="student",
            title="Civility of comments, by a linear model fitted on people's ratings",
            revision=revision("student", VERSION, (_identity(path),)),
            criteria=CRITERIA,
            languages=("en",),
            detector=True,
            family="student",
        ),
        load=lambda: _load(path),
        seconds_per_character=3e-6,
    )


def _identity(path: Path) -> str:
    return digest(path.read_bytes().hex()) if path.is_file() else "missing"


def _load(path: Path) -> Detect:
    if not path.is_file():
        raise ModelMissing(f"{path.name} is not there: run `make fit-embedded`, or reinstall the package")
    try:
        reader = Reader(load(path))
    except ValueError as error:
        raise ModelMissing(f"{path.name} cannot be read: {error}; reinstall the package") from error

    def detect(content: Content, stop: Stop) -> Judgment | Abstention:
        stop.check()
        if content.kind != KIND:
            return Abstention(reason=AbstentionReason.NOT_APPLICABLE, detail="was fitted on comments only")
        if refused := too_short(content.text, fewest=1) or not_english(content):
            return refused
        return _judged(reader, content.text)

    return detect


def _judged(reader: Reader, text: str) -> Judgment | Abstention:
    spans = windows(text)
    reading = reader("\n".join(text[start:end] for start, end in spans))
    if reading.known < _FEWEST_KNOWN:
        return Abstention(
            reason=AbstentionReason.NOT_APPLICABLE, detail="most words were never met in ratings"
        )
    return Judgment(
        answers={name: Score(value=value) for name, value in columns(reading).items()},
        evidence=_evidence(text, spans, reading),
        critique=_critique(reading),
        read_fraction=read_fraction(text, spans),
    )


def _evidence(text: str, spans: tuple[Span, ...], reading: Reading) -> tuple[Evidence, ...]:
    """The tokens that took off most; in a civil text without any, a sentence that speaks for it."""
    places = [_place(spans, reading.tokens[i].start, reading.tokens[i].end) for i in _telling(reading)]
    found = list(_quoted(text, places[:_SPANS]))
    if found or reading.score < _UNCIVIL:
        return chosen(found or list(_quoted(text, [_weightiest(spans, reading)])))
    clean = untouched_sentence(text, spans, ())
    return (
        (in_favour(text, *clean, "civility", "no word that people held against comments"),) if clean else ()
    )


def _telling(reading: Reading) -> list[int]:
    """Tokens that weigh against the comment, the heaviest first."""
    both = enumerate(zip(reading.amounts, reading.alone, strict=True))
    return [
        i for _, i in sorted((a, i) for i, (a, alone) in both if a <= _TELLING or (a < 0 and alone <= _HARD))
    ]


def _weightiest(spans: tuple[Span, ...], reading: Reading) -> Span:
    worst = min(range(len(reading.amounts)), key=reading.amounts.__getitem__)
    return _place(spans, reading.tokens[worst].start, reading.tokens[worst].end)


def _quoted(text: str, places: list[Span]) -> Iterator[Evidence]:
    for start, end in places:
        if text[start:end].strip():
            yield against(text, start, end, "civility", "weighs against the comment")


def _place(spans: tuple[Span, ...], start: int, end: int) -> Span:
    """Where a stretch of the joined windows stands in the text."""
    before = 0
    for first, after in spans:
        size = after - first
        if start <= before + size:
            return first + start - before, min(after, first + end - before)
        before += size + 1
    return spans[-1]


def _critique(reading: Reading) -> str:
    telling = len(_telling(reading))
    if telling:
        return sentence(f"{counted(telling, 'expression')} that people held against comments")
    if reading.score < _UNCIVIL:
        return "No single word stands out; together they resemble comments that people found uncivil."
    return "It resembles comments that people found civil; abuse in new words would be missed."
