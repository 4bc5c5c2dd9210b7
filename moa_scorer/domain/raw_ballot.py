"""A ballot of a caller's own judge: raw numbers on the judge's own scale, before anything is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from moa_scorer.domain.ballot import Abstention


@dataclass(frozen=True, slots=True, kw_only=True)
class RawScore:
    """What a judge said on one criterion, in its own units; at least one field is set."""

    score: float | None = None
    """The judge's number, finite; None = the mean of what follows."""
    samples: tuple[float, ...] = ()
    """Several answers of the same judge, finite; two or more make the score one of kind SAMPLES."""
    distribution: tuple[tuple[float, float], ...] = ()
    """(score, probability in [0, 1]), probabilities summing to 1: makes the score one of kind LOGPROBS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBallot:
    """One judge's outcome, as its owner has it."""

    judge: str
    """The judge's name where it was rated."""
    outcome: Mapping[str, RawScore | Abstention] | Abstention
    """Criterion -> what was said or why not; or why the whole judge said nothing."""
    read: tuple[str, ...] = ()
    """Judges of earlier layers whose ballots it has read."""
