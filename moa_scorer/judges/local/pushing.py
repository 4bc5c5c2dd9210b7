"""Signs of advertising in a text: links, calls to action, promises, contact data."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from moa_scorer.measures.windows import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One sign of advertising."""

    start: int
    end: int
    kind: str
    """What was found, in a few words."""
    weight: float


_LINK: Final = re.compile(
    r"https?://\S{1,200}|www\.\S{1,200}|\.(?:com|net|org|info|biz|ru|xyz|top|shop|click|ly|io)\b(?:/\S{0,200})?",
    re.I,
)
_HOST: Final = re.compile(r"[\w-]{2,40}$")
# kind, weight, one of these characters is in any match, expression
_MARKED: Final = tuple(
    (kind, weight, anchors, re.compile(expression, re.I))
    for kind, weight, anchors, expression in (
        ("address", 0.7, "@", r"[\w.+-]{1,64}@[\w-]{1,64}\.[a-z]{2,10}\b"),
        ("telephone number", 0.7, "0123456789", r"\d{3}\)?[ .-]\d{3}[ .-]?\d{4}(?!\d)"),
        ("sales promise", 0.8, "%", r"\d{1,3}\s?%\s+(?:off|discount|free|guaranteed)\b"),
        (
            "sales promise",
            0.8,
            "$€£",
            r"\b(?:earn|make|win|won)\s+(?:up\s+to\s+|over\s+)?[$€£]\s?\d[\d,.]{0,12}",
        ),
        (
            "typical advertising",
            0.8,
            "$€£",
            r"[$€£]{2,}|[$€£]\d[\d,.]{0,12}\s+(?:per|a|each)\s+(?:hour|day|week)\b",
        ),
    )
)
_NOW: Final = "now|today|here"
_OURS: Final = "website|site|page|store|shop|channel|profile|blog|link"
# Each line: kind; weight; words that may stand at the first place, at the second, and so on.
_PHRASES: Final = (
    ("call to action", 1.0, "click|tap|press", "here|below|now"),
    ("call to action", 1.0, "click|tap|press", "the|this|on", "link|the|this"),
    ("call to action", 1.0, "buy|order|shop|call|act|apply|subscribe|register|enroll|enrol", _NOW),
    ("call to action", 1.0, "sign", "up", _NOW),
    ("call to action", 1.0, "visit|see|check", "our|my|out", f"{_OURS}|our|my"),
    ("call to action", 1.0, "follow|dm|whatsapp|message|text", "me|us", "on|at|for|now|today|if"),
    ("call to action", 1.0, "subscribe", "to", "my|our"),
    ("call to action", 1.0, "link|details", "in", "my|the|our", "bio|profile|description"),
    ("call to action", 1.0, "don't|dont|not", "miss", "out"),
    ("call to action", 1.0, "get", "yours|started|rich", "now|today|quick|quickly|fast"),
    ("call to action", 1.0, "claim", "your|it", "prize|reward|gift|bonus|now|free"),
    ("sales promise", 0.8, "limited|special|exclusive", "time|offer|offers|deal|deals|discount"),
    (
        "sales promise",
        0.8,
        "free|cheap|cheapest",
        "shipping|trial|gift|delivery|sample|iphone|pills|followers",
    ),
    ("sales promise", 0.8, "risk|money|satisfaction", "free|back|guaranteed"),
    ("sales promise", 0.8, "best|lowest", "price|prices"),
    ("sales promise", 0.8, "while", "stock|stocks|supply|supplies", "last|lasts"),
    ("typical advertising", 0.8, "viagra|cialis"),
    ("typical advertising", 0.8, "payday|escort", "loan|loans|service|services"),
    ("typical advertising", 0.8, "weight", "loss", "pill|pills|secret|product|products|supplement"),
    ("typical advertising", 0.8, "online|bitcoin|crypto", "casino|casinos|investment|investing"),
    ("typical advertising", 0.8, "work|working", "from", "home", "job|jobs|online|opportunity"),
    ("typical advertising", 0.8, "you|you've", "have|been|won", "won|selected|chosen|a|$"),
)

_Phrase = tuple[str, float, tuple[frozenset[str], ...]]


def _by_first_word(phrases: Iterable[tuple[str | float, ...]]) -> Mapping[str, tuple[_Phrase, ...]]:
    table: dict[str, tuple[_Phrase, ...]] = {}
    for kind, weight, *places in phrases:
        first, *rest = (frozenset(str(words).split("|")) for words in places)
        for word in first:
            table[word] = (*table.get(word, ()), (str(kind), float(weight), tuple(rest)))
    return table


_TABLE: Final = _by_first_word(_PHRASES)


def pushes(text: str, read: Sequence[Span], spans: Sequence[Span], words: Sequence[str]) -> Iterator[Push]:
    """The signs in the parts of the text that were read, kind by kind.

    `words` are the words at `spans`, in lower case. Time is linear in what is read.
    """
    for start, end in read:
        for match in _LINK.finditer(text, start, end):
            host = (
                _HOST.search(text[max(start, match.start() - 40) : match.start()])
                if match[0][0] == "."
                else None
            )
            if host or match[0][0] != ".":
                first = match.start() - (len(host[0]) if host else 0)
                yield Push(start=first, end=match.end(), kind="link", weight=0.6)
    for kind, weight, anchors, expression in _MARKED:
        if any(anchor in text for anchor in anchors):
            for start, end in read:
                for match in expression.finditer(text, start, end):
                    yield Push(start=match.start(), end=match.end(), kind=kind, weight=weight)
    yield from _phrases(spans, words)


def _phrases(spans: Sequence[Span], words: Sequence[str]) -> Iterator[Push]:
    for place, word in enumerate(words):
        for kind, weight, rest in _TABLE.get(word, ()):
            last = place + len(rest)
            following = words[place + 1 : last + 1]
            if len(following) == len(rest) and all(
                w in known for w, known in zip(following, rest, strict=True)
            ):
                yield Push(start=spans[place][0], end=spans[last][1], kind=kind, weight=weight)
                break
