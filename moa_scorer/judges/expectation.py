"""Scores as expected values: over the log-probabilities of a score's tokens, or over samples."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from moa_scorer.domain.ballot import Score, ScoreKind
from moa_scorer.judges.evidence import clipped
from moa_scorer.judges.scale import HIGHEST, LOWEST, to_score
from moa_scorer.providers.model import Token

LEAST_MASS: Final = 0.2
"""Probability that must lie on tokens that mean a score; with less the model meant to say something else."""

_PADDING: Final = " \t\n\r\u2581\u0120\u010a\"'`*.,:"
_YES_NO: Final = {"yes": 1.0, "no": 0.0}


def expected(
    alternatives: Iterable[tuple[str, float]], meaning: Callable[[str], float | None]
) -> Score | None:
    """The expected score over (token, log-probability), renormalised over the tokens that mean a score.

    `meaning` gives a token's score in [0, 1], or None. None when less than `LEAST_MASS` lies on such tokens.
    """
    mass: dict[float, float] = {}
    for token, logprob in alternatives:
        score = meaning(token)
        if score is not None and not math.isnan(logprob):
            mass[score] = mass.get(score, 0.0) + math.exp(min(0.0, logprob))
    if sum(mass.values()) < LEAST_MASS:
        return None
    return _score(mass, ScoreKind.LOGPROBS)


def mean(scores: Sequence[float]) -> Score:
    """The mean of scores in [0, 1] of several samples, at least one; the distribution is their shares."""
    shares: dict[float, float] = {}
    for score in scores:
        shares[score] = shares.get(score, 0.0) + 1.0
    return _score(shares, ScoreKind.SAMPLES)


def yes_or_no(token: str) -> float | None:
    """1 for a yes, 0 for a no, None for anything else; padding and case do not count."""
    return _YES_NO.get(token.strip(_PADDING).casefold())


def digit(token: str) -> float | None:
    """The score in [0, 1] that a token of one digit of the scale means, else None."""
    bare = token.strip(_PADDING)
    if len(bare) != 1 or bare not in "0123456789" or not LOWEST <= int(bare) <= HIGHEST:
        return None
    return to_score(int(bare))


def token_at(tokens: Sequence[Token], text: str, place: int) -> Token | None:
    """The token that holds the code point at `place` of the text; None when tokens and text do not agree.

    Tokens are counted from the beginning or else from the end: letters that vendors cut into bytes spoil the
    count beyond them only.
    """
    return _counted(tokens, text, place) or _counted_back(tokens, text, place)


def _counted(tokens: Sequence[Token], text: str, place: int) -> Token | None:
    start = 0
    for token in tokens:
        end = start + len(token.text)
        if text[start:end] != token.text:
            return None
        if place < end:
            return token
        start = end
    return None


def _counted_back(tokens: Sequence[Token], text: str, place: int) -> Token | None:
    """As `_counted`, from the end; a last token that is not in the text only ended the reply."""
    end = len(text)
    closing = bool(tokens) and not text.endswith(tokens[-1].text)
    for token in reversed(tokens[:-1] if closing else tokens):
        start = end - len(token.text)
        if text[max(0, start) : end] != token.text:
            return None
        if start <= place:
            return token
        end = start
    return None


def _score(mass: Mapping[float, float], kind: ScoreKind) -> Score:
    total = sum(mass.values())
    distribution = tuple((score, mass[score] / total) for score in sorted(mass))
    value = clipped(sum(score * share for score, share in distribution))
    return Score(value=value, kind=kind, distribution=distribution)
