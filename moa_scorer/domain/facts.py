"""Cheap facts of a text, computed once per request."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a content without judging it."""

    kind: str
    """The declared kind, or empty."""
    language: str
    """The declared language, else the detected one, ISO 639-1; empty when undetermined."""
    language_declared: bool
    """Whether the caller said the language."""
    tamper_risk: float
    """In [0, 1]: signs that the text addresses its judges or hides characters."""
    measures: Mapping[str, float]
    """Measure name -> raw finite value, in a fixed order; each name's unit is in `measures/`."""
