"""Signs that a text hides characters or addresses its judges instead of its readers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign of tampering."""

    start: int
    """First code point of the span in the text, from 0."""
    end: int
    """One past the last code point."""
    kind: str
    """What was found, in a few words."""
    weight: float
    """How much one such sign says, in (0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """One way to tamper."""

    kind: str
    weight: float
    anchors: tuple[str, ...]
    """Lower-case strings one of which is in any match: a cheap look that spares the expression."""
    expression: re.Pattern[str]
    """Bounded everywhere, so that time is linear in the text."""


def _pattern(kind: str, weight: float, anchors: str, expression: str) -> _Pattern:
    return _Pattern(
        kind=kind, weight=weight, anchors=tuple(anchors.split("|")), expression=re.compile(expression, re.I)
    )


_ITEM: Final = (
    "text|summary|story|essay|response|answer|comment|post|review|article|submission|content|piece|output"
)
_TOP: Final = re.compile(
    r"\b(?:(?:10|100|5|ten|five)\s?(?:/|out\s+of)\s?(?:10|100|5|ten|five)\b|full\s+(?:marks|score|points)\b"
    r"|(?:highest|maximum|perfect|top)\s+(?:possible\s+)?(?:score|rating|marks?|grade)\b)",
    re.I,
)
_TOP_ANCHORS: Final = ("/", "out of", "full ", "score", "rating", "mark", "grade")
_DEMAND: Final = re.compile(
    rf"\b(?:give|rate|score|award|assign|grade|output|return|respond|answer|mark|deserves?|receives?|be\s+given)\b"
    rf"(?:\s+(?:this|the|my|our|above|following|it|me|{_ITEM}|item|an?|with|as|is|must|be|should|of|at|least|score"
    rf"|rating|grade|on|for|in|to|only|value|every|all|criterion|criteria|each|[:=,])){{0,8}}?\s*(?:the\s+|a\s+)?$",
    re.I,
)
_DEMAND_REACH: Final = 90
_MOST_TOPS: Final = 64
_MOST_SIGNS: Final = 16
_ADJECTIVE: Final = r"(?:ai|llm|automated|impartial|helpful|expert|strict|fair|artificial\s+intelligence)\s+"

_SPOKEN: Final = (
    _pattern(
        "override of instructions",
        0.9,
        "instruction|prompt|rule|guideline|criteria|direction|command|rubric|message",
        r"\b(?:ignore|disregard|forget|override|bypass)(?:\s+(?:all|any|the|of|your|these|those|every)){0,3}\s+"
        r"(?:previous|prior|above|earlier|preceding|other|initial|system|original|existing|scoring|judging)"
        r"(?:\s+\w{1,14}){0,2}?\s+(?:instruction|prompt|rule|guideline|criteria|direction|command|rubric|message)",
    ),
    _pattern(
        "override of instructions",
        0.8,
        "instruction|prompt|guideline|rubric",
        r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+)?(?:of\s+)?your\s+(?:instruction|prompt|guideline|rubric)",
    ),
    _pattern(
        "words to the judge",
        0.7,
        "judge|evaluator|grader|scorer|model|assistant|moderator",
        rf"\b(?:note|message|instructions?|attention|dear)\s*[:,]?\s*(?:(?:to|for)\s+)?(?:the\s+|all\s+)?(?:{_ADJECTIVE})"
        r"?(?:evaluators?|graders?|scorers?|language\s+models?|ai\s+(?:judges?|models?|assistants?|moderators?))\b",
    ),
    _pattern(
        "words to the judge",
        0.6,
        "ai|llm|language model|evaluator|grader|scoring",
        rf"\b(?:you\s+are|act\s+as)\s+(?:now\s+)?an?\s+(?:{_ADJECTIVE}){{0,2}}"
        r"(?:ai|llm|language\s+model|evaluator|grader|scoring\s+(?:model|system))\b",
    ),
    _pattern(
        "role marker",
        0.7,
        "<|inst]|sys>>",
        r"<\|/?\s?(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\s?\|>"
        r"|\[/?INST\]|<</?SYS>>",
    ),
    _pattern(
        "role marker",
        0.5,
        "system|assistant|instruction",
        r"(?m:^)[ \t]{0,4}(?:#{2,4}[ \t]?(?:system|assistant|instructions?)[ \t]?:?[ \t]?(?m:$)"
        r"|(?:system|assistant)[ \t]?(?:prompt|message)?[ \t]?:)",
    ),
    _pattern(
        "forged answer",
        0.6,
        "score|rating|overall",
        r"[\"']?\b(?:score|rating|overall)[\"']\s?[:=]\s?[\"']?(?:10|100|5|1\.0{1,3})[\"']?\s{0,3}[,}]",
    ),
    _pattern(
        "forged end of the text",
        0.5,
        "</|end of|end_of",
        rf"</(?:{_ITEM}|document|data)>|\[?\b(?:end|begin)[ _]of[ _](?:the[ _])?"
        r"(?:content|submission|user[ _]input|data)\b",
    ),
)

_HIDDEN: Final = tuple(
    _Pattern(kind=kind, weight=weight, anchors=("",), expression=re.compile(expression))
    for kind, weight, expression in (
        (
            "zero-width characters",
            0.5,
            r"(?<=[A-Za-z])[\u200b-\u200d\u2060\ufeff]+(?=[A-Za-z])|\u200b{3,}|\u2060{2,}",
        ),
        ("text direction marks", 0.5, "[\u202a-\u202e\u2066-\u2069]+"),
        ("hidden tag characters", 0.8, "(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]{2,}"),
        ("control characters", 0.4, "[\x00-\x08\x0b\x0e-\x1b\x7f-\x84\x86-\x9f]+"),
        (
            "look-alike letters",
            0.5,
            r"[A-Za-z][\u0370-\u04ff]{1,2}[A-Za-z]|\b[\u0370-\u04ff]{1,2}[A-Za-z]{2}",
        ),
        ("disguised letters", 0.3, "[\U0001d400-\U0001d7ff]{4,}|[Ａ-Ｚａ-ｚ]{4,}"),
    )
)


def tamper_signs(text: str) -> tuple[Sign, ...]:
    """At most 16 signs, in the order of the text; time is linear in its length."""
    found: list[Sign] = []
    if not (text.isascii() and text.isprintable()):
        found.extend(sign for pattern in _HIDDEN for sign in _matches(text, pattern))
    lower = text.lower()
    for pattern in _SPOKEN:
        if any(anchor in lower for anchor in pattern.anchors):
            found.extend(_matches(text, pattern))
    if any(anchor in lower for anchor in _TOP_ANCHORS):
        found.extend(_demands(text))
    found.sort(key=lambda sign: (sign.start, sign.end, sign.kind))
    return tuple(found[:_MOST_SIGNS])


def tamper_risk(signs: tuple[Sign, ...]) -> float:
    """1 - the product of (1 - weight) over the kinds of signs found, in [0, 1]; 0 without signs."""
    strongest: dict[str, float] = {}
    for sign in signs:
        strongest[sign.kind] = max(sign.weight, strongest.get(sign.kind, 0.0))
    clean = 1.0
    for kind in sorted(strongest):
        clean *= 1.0 - strongest[kind]
    return 1.0 - clean


def _matches(text: str, pattern: _Pattern) -> Iterator[Sign]:
    for match, _ in zip(pattern.expression.finditer(text), range(_MOST_SIGNS), strict=False):
        yield Sign(start=match.start(), end=match.end(), kind=pattern.kind, weight=pattern.weight)


def _demands(text: str) -> Iterator[Sign]:
    """Top marks that a verb shortly before asks for; the first 64 mentions of top marks are looked at."""
    for top, _ in zip(_TOP.finditer(text), range(_MOST_TOPS), strict=False):
        first = max(0, top.start() - _DEMAND_REACH)
        demand = _DEMAND.search(text[first : top.start()])
        if demand:
            yield Sign(start=first + demand.start(), end=top.end(), kind="demand for a score", weight=0.8)
