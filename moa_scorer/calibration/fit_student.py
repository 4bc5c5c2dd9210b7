"""Ratings -> comment student, and its scores of texts that it was not fitted on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.student import CRITERIA, Array, Reader, Student, columns
from moa_scorer.calibration.student_text import PIECE_PREFIX, WORD_PREFIX, terms, tokens

FOLDS = 5
FEWEST_OF_SOURCE = 200
"""Items of one source that make an expert of its own."""

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What was chosen by cross-validation inside dev; see `tests/data/PREREGISTRATION.md`."""

    ridge: float = 3.0
    """Weight of the penalty of an expert's coefficients."""
    gate: float = 10.0
    """Inverse penalty of the gate's coefficients."""
    vector_scale: float = 0.5
    """Scale of the vectors' block beside the other two."""
    fewest_words: int = 2
    """Texts that a word or pair must occur in."""
    fewest_pieces: int = 3
    """Texts that a piece of a word must occur in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corpus:
    """Texts as counts of terms, made once for any number of fits. Holds no ratings."""

    texts: tuple[str, ...]
    names: tuple[str, ...]
    """Terms, words and pairs before pieces."""
    counts: sp.csr_array
    """Shape (texts, terms)."""
    vectors: Array
    """Shape (terms, dimensions): word vectors, zero where there is none; no columns = no vectors."""

    @property
    def pieces(self) -> NDArray[np.bool_]:
        return np.array([name.startswith(PIECE_PREFIX) for name in self.names])


def read_corpus(texts: Sequence[str], vectors: Mapping[str, Array] | None = None) -> Corpus:
    """Counts the terms of all texts. `vectors`: form of a word -> vector, all of one length."""
    known: dict[str, int] = {}
    rows, places = [], []
    for i, text in enumerate(texts):
        for term, _, _ in terms(tokens(text)):
            places.append(known.setdefault(term, len(known)))
            rows.append(i)
    shape = (len(texts), len(known))
    counts = sp.csr_array((np.ones(len(rows)), (np.array(rows), np.array(places))), shape=shape)
    often = np.flatnonzero(np.bincount(counts.indices, minlength=len(known)) >= 2)
    found = list(known)
    order = sorted(often, key=lambda c: (found[c].startswith(PIECE_PREFIX), found[c]))
    names = tuple(found[c] for c in order)
    table = _vectors(names, vectors or {})
    return Corpus(texts=tuple(texts), names=names, counts=counts[:, order].tocsr(), vectors=table)


def fit_student(
    corpus: Corpus,
    index: Index,
    targets: Array,
    sources: Sequence[str],
    recipe: Recipe | None = None,
) -> Student:
    """Fits the experts and the gate on the texts at `index`; targets and sources run over all texts.

    Deterministic. Raises ValueError with fewer than two texts.
    """
    if index.size < 2:
        raise ValueError("a student needs at least two rated texts")
    recipe = recipe or Recipe()
    shell = _shell(corpus, index, recipe)
    own, vector = _matrices(corpus, shell, index)
    table = corpus.vectors[_positions(corpus, shell)] * recipe.vector_scale
    design = sp.hstack([own, sp.csr_array(vector @ table)]).tocsr()
    source = np.array(sources)[index]
    names = _experts(source)
    weights, directions, biases = [], [], []
    for name in names:
        mine = np.isin(source, names, invert=True) | (source == name) | (name == "")
        fitted = Ridge(alpha=recipe.ridge, solver="sparse_cg", tol=1e-5).fit(
            design[mine], targets[index][mine]
        )
        weights.append(fitted.coef_[: own.shape[1]])
        directions.append(table @ fitted.coef_[own.shape[1] :])
        biases.append(float(fitted.intercept_))
    gates, gate_biases = _gate(own, source, names, recipe)
    return Student(
        vocabulary=shell.vocabulary,
        idf=shell.idf,
        weights=np.array(weights).T,
        vector_weights=np.array(directions).T,
        has_vector=shell.has_vector,
        gates=gates,
        biases=np.array(biases),
        gate_biases=gate_biases,
        sources=names,
        first_piece=shell.first_piece,
    )


def student_columns(student: Student, corpus: Corpus, index: Index) -> Array:
    """Shape (texts at `index`, criteria of the student): what its judge would answer."""
    reader = Reader(student)
    return np.array([list(columns(reader(corpus.texts[i])).values()) for i in index]).reshape(
        -1, len(CRITERIA)
    )


def crossfit_student(
    corpus: Corpus,
    index: Index,
    targets: Array,
    sources: Sequence[str],
    groups: Sequence[str],
    *,
    folds: int = FOLDS,
    seed: int = 0,
    recipe: Recipe | None = None,
) -> Array:
    """As `student_columns`, each text read by a student that saw no text of its group; targets in [0, 1]."""
    part = group_folds([groups[i] for i in index], folds, seed)
    found: Array = np.full((index.size, len(CRITERIA)), np.nan)
    for fold in range(int(part.max()) + 1):
        student = fit_student(corpus, index[part != fold], targets, sources, recipe)
        found[part == fold] = student_columns(student, corpus, index[part == fold])
    return found


def _vectors(names: Sequence[str], vectors: Mapping[str, Array]) -> Array:
    width = len(next(iter(vectors.values()))) if vectors else 0
    table = np.zeros((len(names), width))
    for row, name in enumerate(names):
        if name.startswith(WORD_PREFIX) and (vector := vectors.get(name[1:])) is not None:
            table[row] = vector
    return table


def _shell(corpus: Corpus, index: Index, recipe: Recipe) -> Student:
    """A student with a vocabulary and idf of these texts, and nothing learned."""
    seen = np.bincount(corpus.counts[index].indices, minlength=len(corpus.names))
    fewest = np.where(corpus.pieces, recipe.fewest_pieces, recipe.fewest_words)
    kept = np.flatnonzero(seen >= fewest)
    names = [corpus.names[k] for k in kept]
    none = np.zeros((kept.size, 1))
    return Student(
        vocabulary={name: row for row, name in enumerate(names)},
        idf=1.0 + np.log((1 + index.size) / (1 + seen[kept])),
        weights=none,
        vector_weights=none,
        has_vector=np.asarray(corpus.vectors[kept].any(axis=1), dtype=np.bool_),
        gates=none,
        biases=np.zeros(1),
        gate_biases=np.zeros(1),
        sources=("",),
        first_piece=sum(not name.startswith(PIECE_PREFIX) for name in names),
    )


def _positions(corpus: Corpus, student: Student) -> Index:
    """Column of the corpus for each row of the student's vocabulary."""
    column = {name: c for c, name in enumerate(corpus.names)}
    return np.array([column[name] for name in student.vocabulary], dtype=np.intp)


def _matrices(corpus: Corpus, student: Student, index: Index) -> tuple[sp.csr_array, sp.csr_array]:
    """The own blocks and the vectors' block of the texts at `index`, each block at unit length."""
    counts = corpus.counts[index][:, _positions(corpus, student)].tocsr()
    counts.data = 1.0 + np.log(counts.data)
    weighted = (counts @ sp.diags_array(student.idf)).tocsr()
    border = student.first_piece
    own = sp.hstack([_unit(weighted[:, :border]), _unit(weighted[:, border:])]).tocsr()
    return own, _unit((weighted @ sp.diags_array(student.has_vector.astype(float))).tocsr())


def _unit(block: sp.csr_array) -> sp.csr_array:
    lengths = np.sqrt((block.multiply(block)).sum(axis=1))
    scaled: sp.csr_array = (sp.diags_array(1.0 / np.maximum(lengths, 1e-12)) @ block).tocsr()
    return scaled


def _experts(source: NDArray[np.str_]) -> tuple[str, ...]:
    """Sources with enough texts, in order; one nameless expert where there is none."""
    names, counts = np.unique(source, return_counts=True)
    return tuple(str(n) for n in names[counts >= FEWEST_OF_SOURCE]) or ("",)


def _gate(
    own: sp.csr_array, source: NDArray[np.str_], names: Sequence[str], recipe: Recipe
) -> tuple[Array, Array]:
    """Weights (T, E) and biases (E) of the log-odds of each expert's source; zeros for a single expert."""
    if len(names) == 1:
        return np.zeros((own.shape[1], 1)), np.zeros(1)
    mine = np.isin(source, names)
    fitted = LogisticRegression(C=recipe.gate, max_iter=300, tol=1e-5).fit(own[mine], source[mine])
    if len(names) == 2:
        slope, bias = fitted.coef_[0], float(fitted.intercept_[0])
        return np.stack([np.zeros_like(slope), slope], axis=1), np.array([0.0, bias])
    return fitted.coef_.T.copy(), fitted.intercept_.copy()
