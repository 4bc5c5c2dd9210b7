"""Scores, claims and critique inside a parsed reply, wherever a model put them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from moa_scorer.domain.ballot import AbstentionReason, Polarity
from moa_scorer.judges.evidence import shortened
from moa_scorer.judges.fence import neutralised
from moa_scorer.judges.numbers import read_value

_DEEPEST: Final = 6
_MOST_NODES: Final = 2000
_MOST_CLAIMS: Final = 24
_LONGEST_QUOTE: Final = 600
_LONGEST_CRITIQUE: Final = 1500
_LONGEST_POINT: Final = 200
_LONGEST_NAME: Final = 80

_NONCES: Final = ("nonce", "token")
_SCORES: Final = ("scores", "ratings", "grades", "criteria")
_VALUES: Final = ("score", "rating", "value", "grade", "note", "punkte", "points", "stars")
_NAMES: Final = ("criterion", "name", "criteria", "aspect", "dimension", "metric")
_EVIDENCE: Final = ("evidence", "quotes", "citations", "spans")
_CRITIQUES: Final = (
    *("critique", "rationale", "explanation", "reasoning", "justification"),
    *("comment", "feedback", "summary", "reason"),
)
_NO_SCORES: Final = frozenset({*_EVIDENCE, *_CRITIQUES, "accepts", "rejects"})
_FOR: Final = frozenset({"for", "pro", "positive", "+", "strength", "supports", "support", "good"})
_AGAINST: Final = frozenset({"against", "con", "contra", "negative", "-", "weakness", "opposes", "bad"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A quote that a model says is in the text."""

    quote: str = field(repr=False)
    criterion: str
    """One of the rubric's; empty when it named none."""
    polarity: Polarity | None
    """None when it did not say."""
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """What a judge of a later layer makes of an earlier ballot."""

    alias: str
    """`J1`, `J2` ..."""
    point: str = field(repr=False)
    """What it accepts or rejects."""
    why: str = field(default="", repr=False)


def plain(name: str) -> str:
    """A name as it is compared: `Surprise (1-5)` and `surprise_1_5` are one."""
    return _plain(name[:_LONGEST_NAME])


@lru_cache(maxsize=512)
def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def nonce_of(value: Mapping[str, Any]) -> str | None:
    """The nonce that a reply repeats, an empty one where it is not a string; None when it has none at all."""
    for node, _ in _nodes(value):
        for key in _NONCES:
            if key in node:
                return node[key].strip() if isinstance(node[key], str) else ""
    return None


def scores_of(value: Mapping[str, Any], criteria: Sequence[str]) -> dict[str, float | AbstentionReason]:
    """Criterion -> what stands for it, for those that are mentioned with something where a score belongs.

    The outermost counts, for what lies deeper may be an example or somebody else's; at one depth what stands
    under `scores` or the like counts before what stands beside it, and the last of equals.
    """
    known = {plain(name): name for name in criteria}
    found: dict[str, float | AbstentionReason] = {}
    ranks: dict[str, tuple[int, bool]] = {}
    for node, path in _nodes(value):
        named = bool(path) and path[-1] in _SCORES
        rank = (len(path) - named, not named)
        for name, written in _written(node, known):
            if rank <= ranks.get(name, rank):
                found[name], ranks[name] = read_value(written), rank
    return found


def claims_of(value: Mapping[str, Any], criteria: Sequence[str]) -> tuple[Claim, ...]:
    """The quotes of a reply, at most 24."""
    known = {plain(name): name for name in criteria}
    claims: list[Claim] = []
    for node, path in _nodes(value, quotes=True):
        inside = next((known[key] for key in map(plain, reversed(path)) if key in known), "")
        for key in _EVIDENCE:
            listed = node.get(key)
            for item in listed if isinstance(listed, list) else [listed]:
                claim = _claim(item, known, inside)
                claims += [claim] if claim else []
    return tuple(claims[:_MOST_CLAIMS])


def critique_of(value: Mapping[str, Any]) -> str:
    """The words of a reply on one line: its outermost critique, else those of its parts, else nothing."""
    found: list[tuple[int, str]] = []
    for node, path in _nodes(value):
        words = next((node[key] for key in _CRITIQUES if isinstance(node.get(key), str)), "")
        if words.strip():
            found.append((len(path), words))
    outermost = min((depth for depth, _ in found), default=0)
    joined = " ".join(words.strip() for depth, words in found if depth == outermost)
    return shortened(neutralised(joined[: 2 * _LONGEST_CRITIQUE]), _LONGEST_CRITIQUE)


def stances_of(value: Mapping[str, Any], key: str, aliases: Sequence[str]) -> tuple[Stance, ...]:
    """What stands under `accepts` or `rejects`, as far as it names a ballot that was shown."""
    listed = value.get(key)
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    stances = (
        Stance(
            alias=str(item.get("ballot", "")).strip(" []").upper(),
            point=_point(item.get("point")),
            why=_point(item.get("why")),
        )
        for item in items
    )
    return tuple(stance for stance in stances if stance.alias in aliases and stance.point)


def _nodes(
    value: Mapping[str, Any], *, quotes: bool = False
) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """The objects of a reply with the keys that lead to them, outer ones first, within bounds."""
    queue: list[tuple[Any, tuple[str, ...]]] = [(value, ())]
    for node, path in queue:
        if isinstance(node, dict):
            yield node, path
        inner = (
            node.items() if isinstance(node, dict) else ((path[-1] if path else "", item) for item in node)
        )
        for key, item in inner:
            skipped = not quotes and str(key) in _NO_SCORES
            if (
                isinstance(item, dict | list)
                and not skipped
                and len(path) < _DEEPEST
                and len(queue) < _MOST_NODES
            ):
                queue.append((item, (*path, str(key).casefold())))


def _written(node: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """(criterion, what stands where its score belongs) in one object."""
    named = next(
        (known[plain(node[k])] for k in _NAMES if isinstance(node.get(k), str) and plain(node[k]) in known),
        "",
    )
    if named:
        yield from ((named, node[key]) for key in _VALUES if key in node)
    for key, item in node.items():
        name = known.get(plain(str(key))) or known.get(plain(str(key)).removesuffix("score"))
        if name and isinstance(item, dict):
            yield from ((name, item[value]) for value in _VALUES if value in item)
        elif name and not isinstance(item, list):
            yield name, item
        elif name and len(item) == 1:
            yield name, item[0]


def _claim(item: object, known: Mapping[str, str], inside: str) -> Claim | None:
    if isinstance(item, str) and item.strip():
        return Claim(quote=item[:_LONGEST_QUOTE], criterion=inside, polarity=None)
    if not isinstance(item, dict):
        return None
    quote = next((item[key] for key in ("quote", "text", "span") if isinstance(item.get(key), str)), "")
    if not quote.strip():
        return None
    side = str(item.get("polarity", "")).strip().casefold()
    return Claim(
        quote=quote[:_LONGEST_QUOTE],
        criterion=known.get(plain(str(item.get("criterion", ""))), inside),
        polarity=Polarity.FOR if side in _FOR else Polarity.AGAINST if side in _AGAINST else None,
        note=_point(item.get("note")),
    )


def _point(words: object) -> str:
    return (
        shortened(neutralised(words[: 2 * _LONGEST_POINT]), _LONGEST_POINT) if isinstance(words, str) else ""
    )
