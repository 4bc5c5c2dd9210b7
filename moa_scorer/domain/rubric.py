"""What is asked about a content."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One quality asked about."""

    name: str
    """Lower-case identifier, unique in its rubric."""
    description: str
    """What a person is asked to rate, in a sentence."""
    weight: float = 1.0
    """Share of the overall score before normalisation, > 0."""
    anchors: tuple[tuple[float, str], ...] = ()
    """(value on the rubric's own scale, what it looks like) in rising order; empty = general words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """A named, versioned list of criteria on one scale."""

    name: str
    version: int
    """Revision number, from 1; `name@version` pins it."""
    title: str
    """One line for catalogues."""
    kinds: tuple[str, ...]
    """Kinds of content that the rubric is meant for; empty = any."""
    criteria: tuple[Criterion, ...]
    """At least one."""
    scale_min: float = 0.0
    """Lowest value on the rubric's own scale."""
    scale_max: float = 1.0
    """Highest value on the rubric's own scale, above `scale_min`."""

    @property
    def revision(self) -> str:
        return f"{self.name}@{self.version}"

    def weights(self) -> Mapping[str, float]:
        """Criterion name -> weight, normalised to sum 1."""
        total = sum(c.weight for c in self.criteria)
        return {c.name: c.weight / total for c in self.criteria}

    def on_scale(self, score: float) -> float:
        """A score in [0, 1] written on the rubric's own scale."""
        return self.scale_min + score * (self.scale_max - self.scale_min)
