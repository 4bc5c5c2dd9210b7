"""A linear text model as a rival: ridge regression on n-grams that are counted once for all splits."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.text_ridge import kernel_ridge

Array = NDArray[np.float64]
Index = NDArray[np.intp]

LEAST_TEXTS: Final = {"word": 2, "char_wb": 3}
"""Rated texts that a term must stand in to count."""
RANGES: Final = {"word": (1, 2), "char_wb": (2, 5)}


class TextCounts:
    """Counts of word 1-2-grams and character 2-5-grams of all texts of a study."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Needs scikit-learn; raises ImportError that says how to install it."""
        try:
            from sklearn.feature_extraction.text import CountVectorizer
        except ImportError as error:
            raise ImportError("the text rival needs scikit-learn: pip install 'moa-scorer[fit]'") from error

        self._counts = {}
        for kind, grams in RANGES.items():
            found = CountVectorizer(analyzer=kind, ngram_range=grams).fit_transform(texts).astype(np.float64)
            found.data = 1.0 + np.log(found.data)
            self._counts[kind] = found

    def kernels(self, train: Index, new: Index) -> tuple[Array, Array]:
        """Products of the rated texts among themselves and of the new ones with them, summed over both kinds
        of terms; terms and their weights are those of the rated texts."""
        gram, cross = np.zeros((train.size, train.size)), np.zeros((new.size, train.size))
        for kind, counts in self._counts.items():
            own, others = _weighted(counts, train, new, LEAST_TEXTS[kind])
            gram += (own @ own.T).toarray()
            cross += (others @ own.T).toarray()
        return gram, cross


def text_values(kernels: tuple[Array, Array], target: Array, groups: Sequence[str]) -> Array:
    """Ridge regression's scores of the new texts in [0, 1]."""
    return kernel_ridge(*kernels, target, groups).clip(0.0, 1.0)


def _weighted(counts: Any, train: Index, new: Index, least: int) -> tuple[Any, Any]:
    """Rows of unit length, weighted by the inverse of the share of rated texts with the term."""
    seen = np.asarray((counts[train] > 0).sum(axis=0)).ravel()
    kept = np.flatnonzero(seen >= least)
    weights = np.log((1 + train.size) / (1 + seen[kept])) + 1
    return _unit_rows(counts[train][:, kept], weights), _unit_rows(counts[new][:, kept], weights)


def _unit_rows(counts: Any, weights: Array) -> Any:
    from scipy import sparse

    weighted = counts @ sparse.diags_array(weights)
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.where(norms > 0, norms, 1.0)) @ weighted
