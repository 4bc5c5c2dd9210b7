"""A linear text model on plain arrays: TF-IDF terms, one expert a register, what every token added.

Terms are words and pairs (one block, scaled to unit length), pieces of words (another), and words again with
weights that come from word vectors (a third): a vector times a fitted direction is one number a word, so the
vectors themselves are not needed here. Experts were fitted on one source each; a gate says how much a text
looks like each of them, and the score is the experts' mean under the gate.
"""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.student_text import (
    PIECE_PREFIX,
    WORD_PREFIX,
    Token,
    is_word,
    pair,
    pieces,
    tokens,
)

Array = NDArray[np.float64]

FORMAT = 1
"""Version of the file's layout."""
CRITERIA = ("civility", "restraint", "mildness")
"""What a reading is turned into; see `columns`."""
HARDEST = 3
SOFTNESS = 4.0
REMEMBERED = 20_000
"""Tokens that a reader remembers the rows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """Fitted weights. T terms, E experts."""

    vocabulary: Mapping[str, int]
    """Term -> row."""
    idf: Array
    """T; at least 1."""
    weights: Array
    """Shape (T, E): what a unit of a term's own block adds to each expert's score."""
    vector_weights: Array
    """Shape (T, E): the same in the vectors' block; zero for terms that are not words with a vector."""
    has_vector: NDArray[np.bool_]
    """T."""
    gates: Array
    """Shape (T, E): what a unit adds to the log-odds of looking like each expert's source."""
    biases: Array
    """E."""
    gate_biases: Array
    """E."""
    sources: tuple[str, ...]
    """E: what each expert was fitted on."""
    first_piece: int
    """Rows from here on are pieces of words; those before are words and pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the student says of a text."""

    score: float
    """Expected rating in [0, 1]."""
    tokens: tuple[Token, ...]
    amounts: tuple[float, ...]
    """What each token added to the unclipped score; with `baseline` they sum to it."""
    alone: tuple[float, ...]
    """What each token would add in a text of its own, the rarer the more; in no unit."""
    baseline: float
    """The score of a text without any known term, under the same gate."""
    shares: tuple[float, ...]
    """How much the text looks like each expert's source; sums to 1."""
    known: float
    """Share of the words that the student has met, in [0, 1]; 0 without words."""


def columns(reading: Reading) -> dict[str, float]:
    """Criterion of the student -> score in [0, 1]; higher is more civil.

    `civility`: the expected rating. `restraint`: 1 less what the worst token takes off. `mildness`:
    exp(strength of the three hardest words, each taken alone, / 4).
    """
    worst = min(0.0, *reading.amounts) if reading.amounts else 0.0
    hard = sum(min(0.0, a) for a in sorted(reading.alone)[:HARDEST])
    return {
        "civility": reading.score,
        "restraint": max(0.0, 1.0 + worst),
        "mildness": math.exp(hard / SOFTNESS),
    }


class _Known(NamedTuple):
    """A token's form as the student knows it."""

    rows: NDArray[np.intp]
    """Of its word and its pieces, as often as they occur in it."""
    alone: Array
    """E: what a text of nothing but this token adds to each expert's score, weighted by rarity."""


class Reader:
    """A student with a bounded memory of the tokens it met. Deterministic and thread-safe."""

    def __init__(self, student: Student) -> None:
        self.student = student
        self._known: dict[str, _Known] = {}

    def __call__(self, text: str) -> Reading:
        """Judges a text."""
        found = tokens(text)
        known = [self._look_up(token.form) for token in found]
        pairs = self._pairs(found)
        rows = np.concatenate([*(k.rows for k in known), pairs[:, 0]]) if found else pairs[:, 0]
        first = np.repeat(np.arange(len(found)), [k.rows.size for k in known])
        occurrences = _Occurrences(
            rows=rows,
            first=np.concatenate([first, pairs[:, 1] - 1]),
            last=np.concatenate([first, pairs[:, 1]]),
        )
        return _reading(self.student, found, known, occurrences)

    def _look_up(self, form: str) -> _Known:
        known = self._known.get(form)
        if known is None:
            known = _known(self.student, form)
            if len(self._known) < REMEMBERED:
                self._known[form] = known
        return known

    def _pairs(self, found: Sequence[Token]) -> NDArray[np.intp]:
        """Shape (pairs, 2): row and second token of every known pair of neighbours."""
        rows = self.student.vocabulary
        hits = [(rows.get(pair(found[i - 1], found[i]), -1), i) for i in range(1, len(found))]
        return np.array([h for h in hits if h[0] >= 0], dtype=np.intp).reshape(-1, 2)


class _Occurrences(NamedTuple):
    """Every known term of a text at one place."""

    rows: NDArray[np.intp]
    first: NDArray[np.intp]
    """First token of each."""
    last: NDArray[np.intp]


def _known(student: Student, form: str) -> _Known:
    names = (WORD_PREFIX + form, *pieces(form))
    rows = np.array([student.vocabulary[n] for n in names if n in student.vocabulary], dtype=np.intp)
    own, values = _scaled(student, rows)
    whole = own < student.first_piece
    common = math.sqrt(float(np.square(student.idf[own]).sum()) / max(own.size, 1))
    rarity = np.where(whole, student.idf[own], common)
    words = own[student.has_vector[own]]
    alone = (values * rarity) @ student.weights[own] + student.idf[words] @ student.vector_weights[words]
    return _Known(rows, alone)


def _reading(
    student: Student, found: Sequence[Token], known: Sequence[_Known], occurrences: _Occurrences
) -> Reading:
    own, values = _scaled(student, occurrences.rows)
    shares = _softmax(student.gate_biases + values @ student.gates[own])
    amounts = np.zeros(len(found))
    _spread(amounts, occurrences, own, values * (student.weights[own] @ shares))
    marked = student.has_vector[occurrences.rows]
    words, word_values = _weighted(student, occurrences.rows[marked])
    parts = word_values / max(_length(word_values), 1e-12) * (student.vector_weights[words] @ shares)
    _spread(amounts, _Occurrences(*(o[marked] for o in occurrences)), words, parts)
    baseline = float(student.biases @ shares)
    return Reading(
        score=min(1.0, max(0.0, baseline + math.fsum(amounts.tolist()))),
        tokens=tuple(found),
        amounts=tuple(amounts.tolist()),
        alone=tuple((np.array([k.alone for k in known]) @ shares).tolist()) if known else (),
        baseline=baseline,
        shares=tuple(shares.tolist()),
        known=_share_known(student, found),
    )


def save(student: Student, path: Path) -> None:
    """Writes the arrays as float16, compressed; `load` gives the rounded student back, always the same."""
    ordered = sorted(student.vocabulary, key=student.vocabulary.__getitem__)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        format=np.array([FORMAT]),
        terms=np.frombuffer("\n".join(ordered).encode(), dtype=np.uint8),
        sources=np.frombuffer("\n".join(student.sources).encode(), dtype=np.uint8),
        idf=student.idf.astype(np.float16),
        weights=student.weights.astype(np.float16),
        vector_weights=student.vector_weights[student.has_vector].astype(np.float16),
        has_vector=np.packbits(student.has_vector),
        gates=student.gates.astype(np.float16),
        biases=student.biases,
        gate_biases=student.gate_biases,
    )
    path.write_bytes(buffer.getvalue())


def load(path: Path) -> Student:
    """Reads what `save` wrote; raises ValueError for anything else. No pickle is admitted."""
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
        if "format" not in arrays or int(arrays["format"][0]) != FORMAT:
            raise ValueError(f"{path.name}: not a student of format {FORMAT}")
        names = arrays["terms"].tobytes().decode().split("\n")
        marked = np.unpackbits(arrays["has_vector"], count=len(names)).astype(np.bool_)
        weights = arrays["weights"].astype(np.float64)
        vectors = np.zeros_like(weights)
        vectors[marked] = arrays["vector_weights"]
        return Student(
            vocabulary={name: row for row, name in enumerate(names)},
            idf=arrays["idf"].astype(np.float64),
            weights=weights,
            vector_weights=vectors,
            has_vector=marked,
            gates=arrays["gates"].astype(np.float64),
            biases=arrays["biases"],
            gate_biases=arrays["gate_biases"],
            sources=tuple(arrays["sources"].tobytes().decode().split("\n")),
            first_piece=sum(not name.startswith(PIECE_PREFIX) for name in names),
        )


def _weighted(student: Student, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], Array]:
    """Distinct rows, and (1 + log count) x idf of each."""
    unique, counts = np.unique(rows, return_counts=True)
    return unique, (1.0 + np.log(counts)) * student.idf[unique]


def _scaled(student: Student, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], Array]:
    """The same with each of the two own blocks at unit length."""
    unique, values = _weighted(student, rows)
    border = int(np.searchsorted(unique, student.first_piece))
    for part in (slice(0, border), slice(border, None)):
        values[part] /= max(_length(values[part]), 1e-12)
    return unique, values


def _length(values: Array) -> float:
    return math.sqrt(float(values @ values))


def _spread(amounts: Array, occurrences: _Occurrences, unique: NDArray[np.intp], parts: Array) -> None:
    """Deals each term's part out to its occurrences, and an occurrence's to its first and last token."""
    if not unique.size:
        return
    places = np.searchsorted(unique, occurrences.rows)
    share = parts[places] / np.bincount(places, minlength=unique.size)[places] / 2
    amounts += np.bincount(occurrences.first, share, amounts.size)
    amounts += np.bincount(occurrences.last, share, amounts.size)


def _softmax(logits: Array) -> Array:
    grown = np.exp(logits - logits.max())
    result: Array = grown / grown.sum()
    return result


def _share_known(student: Student, found: Sequence[Token]) -> float:
    words = [t.form for t in found if is_word(t.form)]
    met = sum((WORD_PREFIX + form) in student.vocabulary for form in words)
    return met / len(words) if words else 0.0
