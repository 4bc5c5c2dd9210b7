"""What a comparison of two snapshots or panels found, as plain values and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moa_scorer.learning.protocol.findings import AVERAGE, Difference, Measured

A: Final = "A"
B: Final = "B"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An item on which A and B are on different sides of a threshold."""

    item: str
    threshold: float
    """On the scale [0, 1]; a score from it on passes."""
    human: float
    """Mean rating in [0, 1]."""
    a: float
    b: float

    @property
    def with_people(self) -> bool:
        """Whether B is on the side of the mean rating."""
        return (self.b >= self.threshold) == (self.human >= self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """B beside A on one study."""

    study: str
    a: str
    b: str
    items: int
    """Items scored by both."""
    primary: str
    """The metric that the words rest on."""
    figures: tuple[Measured, ...]
    """Methods `A` and `B`."""
    differences: tuple[Difference, ...]
    """B less A (`rival` = A): better = B is."""
    thresholds: tuple[float, ...]
    head: str
    """The criterion that decisions look at, or `overall`."""
    flips: tuple[Flip, ...]
    words: str
    notes: tuple[str, ...] = ()

    def flips_at(self, threshold: float) -> tuple[Flip, ...]:
        """The decisions that flip at one of the thresholds."""
        return tuple(f for f in self.flips if f.threshold == threshold)


def words_on(
    differences: Sequence[Difference],
    primary: str,
    thresholds: Sequence[float],
    flips: Sequence[Flip],
    items: int,
) -> str:
    """The primary metric, the error, and the flips at each threshold, a sentence each."""
    gaps = {d.metric: d for d in differences if d.criterion == AVERAGE}
    said = [_gap_words(gaps[m], m) for m in (primary, "rmse") if m in gaps]
    return " ".join(
        said + [_flip_words([f for f in flips if f.threshold == t], t, items) for t in thresholds]
    )


def _gap_words(gap: Difference, metric: str) -> str:
    e = gap.estimate
    verdict = {True: "B is better", False: "A is better", None: "no difference is shown"}[gap.better]
    return f"{metric}: {verdict} (B less A {e.value:+.3f}, 95 % interval {e.low:+.3f} to {e.high:+.3f})."


def _flip_words(flips: Sequence[Flip], threshold: float, items: int) -> str:
    if not flips:
        return f"At {threshold:g} no decision flips."
    up = sum(f.b >= threshold for f in flips)
    people = sum(f.with_people for f in flips)
    return (
        f"At {threshold:g} {len(flips)} of {items} decisions flip ({len(flips) / items:.1%}), "
        f"{up} of them to pass; in {people} B is on people's side, in {len(flips) - people} A is."
    )
