"""The scale of a judge that nobody declared: as its scores look, unless raters or siblings say more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ends = tuple[float, float]
"""(least, greatest) number of a scale."""
Scores = NDArray[np.float64]

UNIT: Ends = (0.0, 1.0)
USUAL_SCALES: tuple[Ends, ...] = (
    UNIT,
    (1.0, 5.0),
    (0.0, 5.0),
    (1.0, 7.0),
    (0.0, 9.0),
    (1.0, 10.0),
    (0.0, 10.0),
    (0.0, 100.0),
)
"""From narrow to wide."""
WITHIN = 0.99
"""Share of a judge's scores that its scale must hold, or that must be whole for it to answer in such."""
FEWEST = 20
"""Scores from which a judge that uses both ends of a scale and nothing beyond is taken to be on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a judge's scale is taken to be."""

    ends: Ends
    """The scale."""
    instead: Ends | None = None
    """Another that holds the scores as well and that somebody should rule out; None = no doubt."""


def guess_scales(
    scores: Mapping[str, Scores], known: Mapping[str, Ends], human: Sequence[Ends]
) -> dict[str, Guess]:
    """Judge -> its scale, for every judge of `scores` that is not in `known`, whatever their order.

    Who answers on the raters' scale, or is one of siblings who mostly share a scale, need not use all of it.
    So a judge is lent their scale where that holds its scores, unless its own look is plain; siblings lend
    only to one whose scores are whole numbers, or not, as theirs are.
    """
    firsts = {j: _by_raters(own, human) for j, own in scores.items() if j not in known}
    looks = {j: firsts[j].ends if j in firsts else known[j] for j in scores}
    shared = shared_scale(looks.values())
    if shared is None:
        return firsts
    kinds = {_is_whole(scores[j]) for j, ends in looks.items() if ends == shared}
    lends = {j for j in firsts if looks[j] not in human and _is_whole(scores[j]) in kinds}
    return {j: _by_judges(scores[j], first, shared, lends=j in lends) for j, first in firsts.items()}


def shared_scale(looks: Iterable[Ends]) -> Ends | None:
    """The scale of more than half of the judges; None where there is none: a tie lends nothing."""
    counts = Counter(looks)
    return next((ends for ends, count in counts.items() if 2 * count > counts.total()), None)


def own_look(scores: Scores) -> Ends:
    """The smallest usual scale that holds the scores, else their range."""
    return next((ends for ends in USUAL_SCALES if _holds(ends, scores)), None) or range_of(scores)


def range_of(numbers: Scores) -> Ends:
    """Least and greatest, apart even where all are one huge number, which a step of 1 would not change."""
    low, high = float(numbers.min()), float(numbers.max())
    return low, high if high > low else low + max(1.0, abs(low))


def doubts(guesses: Mapping[str, Guess]) -> Iterator[str]:
    """A sentence for each two scales that somebody who knows the judges should decide between."""
    judges: dict[tuple[Ends, Ends], list[str]] = {}
    for judge, guess in sorted(guesses.items()):
        if guess.instead is not None:
            judges.setdefault((guess.ends, guess.instead), []).append(judge)
    for (taken, instead), own in judges.items():
        yield (
            f"scores of {', '.join(own)} are taken to be on {_said(taken)}, though {_said(instead)} "
            "holds them too: say --scale JUDGE=WORST:BEST to be sure"
        )


def _by_raters(scores: Scores, human: Sequence[Ends]) -> Guess:
    """The raters' scale where the judge may be on it, else its own look."""
    own = own_look(scores)
    by_width = sorted(human, key=lambda ends: (ends[1] - ends[0], ends))
    theirs = next((ends for ends in by_width if _holds(ends, scores)), own)
    if theirs == own or _is_fraction(scores, own):
        return Guess(ends=own)
    return Guess(ends=own, instead=theirs) if _is_plain(scores, own) else Guess(ends=theirs)


def _by_judges(scores: Scores, first: Guess, shared: Ends, *, lends: bool) -> Guess:
    """One judge beside a scale that most judges share; `lends`: theirs is taken unless its own is plain."""
    own = first.ends
    if own == shared or not _holds(shared, scores) or _is_fraction(scores, own):
        return first
    if lends and not _is_plain(scores, own):
        beyond = scores.min() < own[0] or scores.max() > own[1]
        return Guess(ends=shared, instead=None if beyond else own)
    return Guess(ends=own, instead=shared)


def _is_plain(scores: Scores, look: Ends) -> bool:
    """Whether a wider scale is unlikely: both ends of a usual one are used and nothing beyond."""
    return look in USUAL_SCALES and len(scores) >= FEWEST and (scores.min(), scores.max()) == look


def _is_fraction(scores: Scores, look: Ends) -> bool:
    """Whether the scores are parts of 1, which nobody gives on a wider scale."""
    return look == UNIT and not _is_whole(scores)


def _is_whole(scores: Scores) -> bool:
    return float(np.mean(scores == np.round(scores))) >= WITHIN


def _holds(ends: Ends, scores: Scores) -> bool:
    return float(np.mean((scores >= ends[0]) & (scores <= ends[1]))) >= WITHIN


def _said(ends: Ends) -> str:
    return f"{ends[0]:g} to {ends[1]:g}"
