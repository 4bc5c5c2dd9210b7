"""Spam, gibberish, shouting and tampering, by own rules."""

import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.evidence import (
    against,
    chosen,
    clipped,
    counted,
    in_favour,
    listed,
    sentence,
    untouched_sentence,
)
from moa_scorer.judges.local.detector import Detect, DetectorSpec
from moa_scorer.judges.local.frequency import IDENTITY, frequencies
from moa_scorer.judges.local.letters import is_nonsense, known_triples
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.pushing import pushes
from moa_scorer.judges.local.readable import revision, too_short
from moa_scorer.measures.language import clearly_foreign, detect, warm
from moa_scorer.measures.tamper import Sign, tamper_risk, tamper_signs
from moa_scorer.measures.windows import Span, read_fraction, windows
from moa_scorer.measures.words import WORD, ratio

VERSION: Final = 1
CRITERIA: Final = ("integrity", "sincerity", "legibility", "calm")

_SHORT: Final = 40
_SMOOTHING_WORDS: Final = 25
_COMPRESSIBLE: Final = 200
_LEAST_COMPRESSED: Final = 0.25
_FEWEST_CASED: Final = 10
_SHOUT: Final = re.compile(r"\b[A-Z]{2,}(?:[’' ,!-]{1,3}(?:[A-Z]{2,}|[AI])\b)+|\b[A-Z]{5,}\b")
_PILE: Final = re.compile(r"[!?]{2,}|\.{6,}|[$#*@=~^]{5,}")
_STRETCH: Final = re.compile(r"([^\W\d_])\1{3,}")
_LOUD: Final = ((_SHOUT, "shouting"), (_PILE, "piled-up marks"), (_STRETCH, "stretched letters"))
_NAMED: Final = ("link", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Find:
    """One thing found in the text."""

    start: int
    end: int
    criterion: str
    kind: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is known of the text before it is judged."""

    text: str
    read: tuple[Span, ...]
    part: str
    """The parts that were read, joined."""
    words: int
    """Words read."""
    english: bool
    """English, or of no known language."""
    determined: bool
    """Whether the language is known, or the text too short to tell."""
    compressed: float
    """Bytes after deflate over bytes before; 1 for texts too short to tell."""
    untampered: float
    """1 - tamper risk."""
    finds: tuple[_Find, ...]


def integrity_spec() -> DetectorSpec:
    """The judge of spam, gibberish, shouting and tampering. It needs symspellpy's frequency list."""
    return DetectorSpec(
        profile=JudgeProfile(
            name="integrity",
            title="Spam, gibberish, shouting and tampering, by rules",
            revision=revision("integrity", VERSION, (IDENTITY, "py3langid 0.4.0")),
            criteria=CRITERIA,
            detector=True,
            family="rules",
        ),
        load=_load,
        seconds_per_character=1e-6,
    )


def _load() -> Detect:
    known, usual = frequencies(), known_triples()
    warm()

    def judge(content: Content, stop: Stop) -> Judgment | Abstention:
        stop.check()
        return _unreadable(content.text) or _judge(_look(content, known, usual))

    return judge


def _unreadable(text: str) -> Abstention | None:
    """An abstention for a text that is blank or of a few characters; scripts without blanks may be short."""
    bare = text.strip()
    if not bare:
        return Abstention(reason=AbstentionReason.TOO_SHORT, detail="the text is blank")
    return too_short(text) if len(bare) < _SHORT and text.isascii() else None


def _look(content: Content, known: Mapping[str, float], usual: frozenset[str]) -> _Look:
    text = content.text
    read = windows(text)
    found = detect(text)
    english = content.language == "en" or not (content.language or clearly_foreign(text))
    spans = tuple(match.span() for start, end in read for match in WORD.finditer(text, start, end))
    words = tuple(text[start:end].lower() for start, end in spans)
    signs = tamper_signs(text)
    finds = [*_loud(text, read), *_tampered(signs)]
    if english:
        pushed = list(_pushed(text, read, spans, words))
        linked = [(find.start, find.end) for find in pushed if find.kind in _NAMED]
        finds += [*pushed, *_nonsense(text, spans, words, known, usual, linked)]
    part = "".join(text[start:end] for start, end in read)
    return _Look(
        text=text,
        read=read,
        part=part,
        words=len(words),
        english=english,
        determined=bool(content.language or found.language) or found.letters < 2 * _SHORT,
        compressed=_compressed(part),
        untampered=1.0 - tamper_risk(signs),
        finds=tuple(finds),
    )


def _pushed(
    text: str, read: tuple[Span, ...], spans: Sequence[Span], words: Sequence[str]
) -> Iterator[_Find]:
    for push in pushes(text, read, spans, words):
        yield _Find(start=push.start, end=push.end, criterion="sincerity", kind=push.kind, weight=push.weight)


def _loud(text: str, read: tuple[Span, ...]) -> Iterator[_Find]:
    for pattern, kind in _LOUD:
        for start, end in read:
            for match in pattern.finditer(text, start, end):
                yield _Find(start=match.start(), end=match.end(), criterion="calm", kind=kind, weight=1.0)


def _nonsense(
    text: str,
    spans: Sequence[Span],
    words: Sequence[str],
    known: Mapping[str, float],
    usual: frozenset[str],
    linked: Sequence[Span],
) -> Iterator[_Find]:
    """Words that are none, apart from parts of links, handles and hash tags."""
    for (start, end), word in zip(spans, words, strict=True):
        if word in known or not is_nonsense(word, usual) or text[max(0, start - 1) : start] in ("@", "#"):
            continue
        if not any(first <= start < last for first, last in linked):
            yield _Find(start=start, end=end, criterion="legibility", kind="no word", weight=1.0)


def _tampered(signs: Sequence[Sign]) -> Iterator[_Find]:
    for sign in signs:
        yield _Find(start=sign.start, end=sign.end, criterion="integrity", kind=sign.kind, weight=sign.weight)


def _judge(look: _Look) -> Judgment:
    parts: dict[str, Score | Abstention] = {
        "sincerity": _sincerity(look),
        "legibility": Score(value=_legibility(look)),
        "calm": _calm(look),
    }
    whole = look.untampered
    for part in parts.values():
        if isinstance(part, Score):
            whole *= part.value
    return Judgment(
        answers={"integrity": Score(value=clipped(whole)), **parts},
        evidence=_evidence(look),
        critique=_critique(look),
        read_fraction=read_fraction(look.text, look.read),
    )


def _sincerity(look: _Look) -> Score | Abstention:
    """exp(-pushes in twenty-five words); the first of a kind counts in full, each further one by 0.4."""
    if not look.english:
        return Abstention(
            reason=AbstentionReason.UNSUPPORTED_LANGUAGE, detail="knows English advertising only"
        )
    seen: set[str] = set()
    pushed = 0.0
    for find in look.finds:
        if find.criterion == "sincerity":
            pushed += find.weight * (0.4 if find.kind in seen else 1.0)
            seen.add(find.kind)
    return Score(value=math.exp(-pushed * _SMOOTHING_WORDS / (look.words + _SMOOTHING_WORDS)))


def _legibility(look: _Look) -> float:
    """Falls with the share of nonsense words, with few letters, and with text that compresses to nothing."""
    nonsense = sum(1 for find in look.finds if find.criterion == "legibility")
    value = math.exp(-4.0 * ratio(nonsense, look.words + 1)) * min(1.0, 2.0 * _lettered(look.part))
    value *= 1.0 if look.determined else 0.6
    return clipped(value * min(1.0, look.compressed / _LEAST_COMPRESSED))


def _lettered(part: str) -> float:
    """Share of letters among what is not blank."""
    solid = "".join(part.split())
    return ratio(sum(map(str.isalpha, solid)), len(solid))


def _compressed(part: str) -> float:
    """Bytes after deflate over bytes before; 1 for texts too short to tell."""
    data = part.encode("utf-8", "surrogatepass")
    return len(zlib.compress(data, 6)) / len(data) if len(data) >= _COMPRESSIBLE else 1.0


def _calm(look: _Look) -> Score | Abstention:
    """exp(-3 x share of letters shouted - a fifth of piled-up marks and stretched letters in 25 words)."""
    cased = sum(map(str.isupper, look.part)) + sum(map(str.islower, look.part))
    if cased < _FEWEST_CASED:
        return Abstention(reason=AbstentionReason.NOT_APPLICABLE, detail="too few letters with case")
    loud = [find for find in look.finds if find.criterion == "calm"]
    shouted = sum(find.end - find.start for find in loud if find.kind == "shouting")
    piles = sum(1 for find in loud if find.kind != "shouting")
    density = piles * _SMOOTHING_WORDS / (look.words + _SMOOTHING_WORDS)
    return Score(value=math.exp(-3.0 * min(1.0, shouted / cased) - 0.2 * density))


def _doubts(look: _Look) -> list[str]:
    """What is wrong with the text as a whole, in words."""
    doubts = []
    if look.compressed < _LEAST_COMPRESSED:
        doubts.append("it says the same over and over")
    if _lettered(look.part) < 0.5:
        doubts.append("it is mostly not letters")
    if not look.determined:
        doubts.append("its language cannot be recognised")
    return doubts


def _evidence(look: _Look) -> tuple[Evidence, ...]:
    worst = sorted(look.finds, key=lambda find: (-find.weight, find.start))
    found = [
        against(look.text, find.start, find.end, find.criterion, find.kind)
        for find in worst
        if look.text[find.start : find.end].strip()
    ]
    if found:
        return chosen(found)
    if doubts := _doubts(look):
        return (against(look.text, *look.read[0], "legibility", listed(doubts)),)
    clean = untouched_sentence(look.text, look.read, ())
    note = "plain words, nothing pushed"
    return (in_favour(look.text, *clean, "integrity", note),) if clean else ()


def _critique(look: _Look) -> str:
    counts: dict[str, int] = {}
    for find in look.finds:
        counts[find.kind] = counts.get(find.kind, 0) + 1
    found = (
        sentence(f"found: {listed([_told(kind, count) for kind, count in counts.items()])}") if counts else ""
    )
    doubts = sentence(f"as a whole, {listed(_doubts(look))}") if _doubts(look) else ""
    told = f"{found} {doubts}".strip()
    return told or "No advertising, gibberish, shouting or tampering was found."


def _told(kind: str, count: int) -> str:
    """A kind of find with how often it was found."""
    times = "once" if count == 1 else f"{counted(count, 'time')}"
    return f"{kind} ({times})"
