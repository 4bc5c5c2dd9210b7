"""What a rater is asked of every text: a rubric's criteria, with a key for each value that may be given."""

from dataclasses import dataclass
from typing import Final

from moa_scorer.domain.rubric import Criterion, Rubric

TEN: Final = "t"
"""The key for ten, which has two digits."""
MOST: Final = 10
"""Steps of a scale of whole numbers that are asked for one by one."""
STEPS: Final = 5
"""Values offered on a scale that is not one of a few whole numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value that may be given."""

    key: str
    """A digit, or `t` for ten."""
    value: float
    """On the rubric's own scale."""
    words: str = ""
    """What a text of this value looks like; empty where the rubric does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One criterion as it is asked."""

    criterion: str
    description: str
    choices: tuple[Choice, ...]
    """From the lowest value to the highest, at least two."""

    def choice(self, key: str) -> Choice | None:
        """What a key stands for; None for one that stands for nothing here."""
        return next((c for c in self.choices if c.key == key), None)

    def key_of(self, value: float) -> str:
        """The key of a value that was given."""
        return next(c.key for c in self.choices if c.value == value)


def questions_of(rubric: Rubric) -> tuple[Question, ...]:
    """A question for each criterion, in the rubric's order.

    A scale of up to eleven whole numbers is asked in whole numbers. Else the anchors of a criterion are what
    may be given, or without two of them five values from the lowest to the highest at equal steps.
    """
    return tuple(
        Question(criterion=c.name, description=c.description, choices=_choices(c, rubric))
        for c in rubric.criteria
    )


def _choices(criterion: Criterion, rubric: Rubric) -> tuple[Choice, ...]:
    words = dict(criterion.anchors)
    low, high = rubric.scale_min, rubric.scale_max
    values = _values(low, high, tuple(words))
    digits = all(v in range(MOST + 1) for v in values) and high - low > 1
    keys = [str(int(v)) for v in values] if digits else [str(k) for k in range(1, len(values) + 1)]
    return tuple(
        Choice(key=TEN if key == "10" else key, value=value, words=words.get(value, ""))
        for key, value in zip(keys, values, strict=True)
    )


def _values(low: float, high: float, anchors: tuple[float, ...]) -> tuple[float, ...]:
    whole = float(low).is_integer() and float(high).is_integer()
    if whole and 1 < high - low <= MOST:
        return tuple(float(v) for v in range(int(low), int(high) + 1))
    if 2 <= len(anchors) <= MOST:
        return anchors
    return tuple(low + (high - low) * k / (STEPS - 1) for k in range(STEPS))
