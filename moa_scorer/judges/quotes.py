"""Whether the content really holds what a judge quotes, and where."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from moa_scorer.domain.ballot import Evidence, Polarity, Score
from moa_scorer.judges.evidence import chosen, span
from moa_scorer.judges.reply_parts import Claim
from moa_scorer.measures.windows import Span

ONE_FABRICATED_OF: Final = 5
"""A judge is believed while at most one of so many quotes, 20 %, is fabricated."""

_ALIKE: Final = 88.0
_SHORTEST: Final = 3
_ANCHORS: Final = 4
_PLACES: Final = 8
_SLACK: Final = 24
_GAP: Final = re.compile(r"\s*(?:\.{3,}|…|\[\.{3}\]|\[…\])\s*")
_WORD: Final = re.compile(r"\w{3,}")
_QUOTATION: Final = " \t\n\r\"'“”‘’«»`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What became of a judge's quotes."""

    evidence: tuple[Evidence, ...]
    fabricated: int
    """Quotes that neither the content nor its context holds."""
    checked: int
    """Different quotes of at least three code points."""

    @property
    def untrustworthy(self) -> bool:
        """Whether more than 20 % of the quotes are fabricated: one of four is too many, one of five not."""
        return ONE_FABRICATED_OF * self.fabricated > self.checked


def verified(
    claims: Sequence[Claim], text: str, beside: Sequence[str], scores: Mapping[str, Score], default: str
) -> Verified:
    """Evidence in the text, without the quotes that are not there.

    A quote of what stands beside, such as the context, is neither evidence nor fabricated. A claim without
    polarity speaks for a criterion scored from 0.5; one without criterion goes to `default`. A quote that is
    repeated is one quote, true or not: nobody buys trust by copying the same words often.
    """
    evidence: list[Evidence] = []
    checked: set[str] = set()
    fabricated: set[str] = set()
    for claim in claims:
        quote = claim.quote.strip(_QUOTATION)
        if len(quote) < _SHORTEST:
            continue
        checked.add(quote)
        place = find(quote, text)
        if place is not None:
            criterion = claim.criterion or default
            polarity = claim.polarity or _leaning(scores.get(criterion))
            evidence.append(span(text, *place, criterion, polarity, claim.note))
        elif not any(find(quote, other) for other in beside):
            fabricated.add(quote)
    return Verified(evidence=chosen(evidence), fabricated=len(fabricated), checked=len(checked))


def find(quote: str, text: str) -> Span | None:
    """Where the text holds the quote, exactly or nearly so; None when it does not.

    A quote with gaps is found when all its parts are, and the longest is its place. The span is not blank.
    """
    parts = [part for part in _GAP.split(quote) if len(part.strip()) >= _SHORTEST]
    places = [_place(part.strip(), text) for part in parts]
    found = [place for place in places if place is not None]
    if not found or len(found) < len(places):
        return None
    return max(found, key=lambda place: place[1] - place[0])


def _place(quote: str, text: str) -> Span | None:
    exact = text.find(quote)
    if exact >= 0:
        return exact, exact + len(quote)
    best: tuple[float, Span] | None = None
    for start, end in _windows(quote, text):
        near = fuzz.partial_ratio_alignment(quote.casefold(), text[start:end].casefold(), score_cutoff=_ALIKE)
        aligned = near is not None and len(text[start:end].casefold()) == end - start
        if near is not None and aligned and (best is None or near.score > best[0]):
            best = near.score, (start + near.dest_start, start + near.dest_end)
    if best is None or not text[best[1][0] : best[1][1]].strip():
        return None
    return best[1]


def _windows(quote: str, text: str) -> Iterator[Span]:
    """Stretches of the text around places of the quote's longest words, a bounded number of them."""
    words = sorted(_WORD.finditer(quote), key=lambda match: (-len(match[0]), match.start()))[:_ANCHORS]
    seen: set[int] = set()
    for word in words:
        places = re.finditer(re.escape(word[0]), text, re.I)
        for place, _ in zip(places, range(_PLACES), strict=False):
            start = max(0, place.start() - word.start() - _SLACK)
            if start not in seen:
                seen.add(start)
                yield start, min(len(text), start + len(quote) + 2 * _SLACK)


def _leaning(score: Score | None) -> Polarity:
    return Polarity.AGAINST if score is not None and score.value < 0.5 else Polarity.FOR
