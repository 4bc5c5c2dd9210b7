"""The scale that models are asked on, 1 to 5, and its way to and from [0, 1]."""

from dataclasses import dataclass
from typing import Final

from moa_scorer.domain.rubric import Criterion, Rubric

LOWEST: Final = 1
HIGHEST: Final = 5

_GENERAL: Final = (
    (1, "not at all: the opposite is plainly the case"),
    (2, "hardly: serious faults"),
    (3, "partly: faults and merits balance"),
    (4, "largely: small faults only"),
    (5, "entirely: nothing to fault"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """A criterion as a model is asked about it."""

    name: str
    description: str
    anchors: tuple[tuple[str, str], ...]
    """(value on the scale of 1 to 5, as written, what it looks like), rising."""


def anchored(rubric: Rubric) -> tuple[Anchored, ...]:
    """The rubric's criteria with anchors on the scale of 1 to 5; general words where it has none."""
    return tuple(
        Anchored(name=c.name, description=c.description, anchors=_anchors(c, rubric)) for c in rubric.criteria
    )


def to_score(value: float) -> float:
    """A value of the scale 1 to 5 as a score in [0, 1]; the caller has checked the range."""
    return (value - LOWEST) / (HIGHEST - LOWEST)


def from_score(score: float) -> float:
    """A score in [0, 1] on the scale of 1 to 5."""
    return LOWEST + score * (HIGHEST - LOWEST)


def _anchors(criterion: Criterion, rubric: Rubric) -> tuple[tuple[str, str], ...]:
    if not criterion.anchors:
        return tuple((str(value), words) for value, words in _GENERAL)
    width = rubric.scale_max - rubric.scale_min
    return tuple(
        (f"{from_score((value - rubric.scale_min) / width):.3g}", words) for value, words in criterion.anchors
    )
