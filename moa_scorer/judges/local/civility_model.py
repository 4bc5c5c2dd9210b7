"""The lexical abuse model: a linear TF-IDF classifier on plain arrays, with what each word contributed."""

import io
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_TERM: Final = re.compile(r"(?u)\b\w\w+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHit:
    """One known term found in a text, at one place."""

    term: str
    """Lower-cased."""
    start: int
    """First code point in the text."""
    end: int
    """One past the last code point."""
    amount: float
    """What this occurrence adds to the mean log-odds of abuse; positive speaks for abuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abuse:
    """What the model says of a text."""

    probability: float
    """Probability of abuse in [0, 1], equal to the original pipeline's `predict_prob`."""
    hits: tuple[TermHit, ...]
    """Known terms in order of their place; amounts and `baseline` sum to the mean log-odds of the folds."""
    baseline: float
    """Mean log-odds of abuse of a text without any known term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CivilityModel:
    """The fitted arrays; `civility_weights` documents their file."""

    columns: dict[str, int]
    """Term -> column."""
    idf: NDArray[np.float64]
    """V."""
    coefficients: NDArray[np.float64]
    """F x V."""
    intercepts: NDArray[np.float64]
    """F."""
    slopes: NDArray[np.float64]
    """F."""
    offsets: NDArray[np.float64]
    """F."""

    @classmethod
    def load(cls, path: Path) -> "CivilityModel":
        """Reads the arrays that `civility_weights.extract` wrote; no pickle is admitted."""
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            terms = arrays["terms"].tobytes().decode().split("\n")
            return cls(
                columns={term: column for column, term in enumerate(terms)},
                idf=arrays["idf"],
                coefficients=arrays["coefficients"],
                intercepts=arrays["intercepts"],
                slopes=arrays["slopes"],
                offsets=arrays["offsets"],
            )

    def __call__(self, text: str) -> Abuse:
        """Judges a text; thread-safe, the same answer for the same text on every machine."""
        found = self._find(text)
        weights = self._unit_weights([column for _, _, _, column in found])
        decisions = [float(value) for value in self.intercepts]
        hits = []
        for term, start, end, column in found:
            amount = 0.0
            for fold in range(len(decisions)):
                part = float(self.coefficients[fold, column]) * weights[column]
                decisions[fold] += part
                amount -= float(self.slopes[fold]) * part / len(decisions)
            hits.append(TermHit(term=term, start=start, end=end, amount=amount))
        return Abuse(probability=self._probability(decisions), hits=tuple(hits), baseline=self._baseline())

    def _find(self, text: str) -> list[tuple[str, int, int, int]]:
        """(term, start, end, column) of every known term, in text order, offsets into the text as given.

        The pipeline lower-cases the whole text first; where that changes the text's length (one code point
        becoming several) the terms are looked for in the text as given instead, each lower-cased by itself.
        """
        lowered = text.lower()
        source = lowered if len(lowered) == len(text) else text
        words = ((match.group().lower(), match.start(), match.end()) for match in _TERM.finditer(source))
        return [(word, start, end, self.columns[word]) for word, start, end in words if word in self.columns]

    def _unit_weights(self, columns: list[int]) -> dict[int, float]:
        """Column -> weight of one occurrence, after scaling the row of counts x idf to unit length."""
        counts: dict[int, int] = {}
        for column in columns:
            counts[column] = counts.get(column, 0) + 1
        raw = {column: float(self.idf[column]) for column in counts}
        norm = math.sqrt(math.fsum((raw[column] * counts[column]) ** 2 for column in sorted(counts)))
        return {column: value / norm for column, value in raw.items()} if norm else {}

    def _probability(self, decisions: list[float]) -> float:
        parts = zip(decisions, self.slopes, self.offsets, strict=True)
        return math.fsum(_expit(-(float(s) * d + float(o))) for d, s, o in parts) / len(decisions)

    def _baseline(self) -> float:
        odds = -(self.slopes * self.intercepts + self.offsets)
        return float(odds.mean())


def _expit(odds: float) -> float:
    """1 / (1 + exp(-odds)), without overflow."""
    if odds >= 0:
        return 1.0 / (1.0 + math.exp(-odds))
    grown = math.exp(odds)
    return grown / (1.0 + grown)


def civility_probability(model: CivilityModel, text: str) -> float:
    """The probability that a text is civil: 1 less the model's probability of abuse."""
    return 1.0 - model(text).probability
