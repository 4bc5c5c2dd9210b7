"""A linear text model as a baseline: ridge regression on word and character n-grams."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

Array = NDArray[np.float64]

ALPHAS = (0.3, 1.0, 3.0, 10.0, 30.0)


class TextRidge:
    """Ridge regression on word 1-2-grams and character 2-5-grams, for any number of targets."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Learns the terms of the training texts."""
        self._words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        self._pieces = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, max_features=60_000
        )
        self._train = sparse.hstack(
            [self._words.fit_transform(texts), self._pieces.fit_transform(texts)], format="csr"
        )

    def predict(self, target: Array, texts: Sequence[str], groups: Sequence[str]) -> Array:
        """Scores of new texts after fitting to the training texts' target; alpha by grouped halves."""
        new = sparse.hstack([self._words.transform(texts), self._pieces.transform(texts)], format="csr")
        gram = (self._train @ self._train.T).toarray()
        result: Array = kernel_ridge(gram, (new @ self._train.T).toarray(), target, groups)
        return result


def kernel_ridge(gram: Array, cross: Array, target: Array, groups: Sequence[str]) -> Array:
    """Dual ridge: as many unknowns as training texts, whatever the number of terms."""
    centre = float(target.mean())
    alpha = _choose_alpha(gram, target - centre, groups)
    weights = np.linalg.solve(gram + alpha * np.eye(target.size), target - centre)
    result: Array = centre + cross @ weights
    return result


def _choose_alpha(gram: Array, target: Array, groups: Sequence[str]) -> float:
    """The penalty with the least squared error on the half of the groups that it was not fitted on."""
    _, inverse = np.unique(np.asarray(groups), return_inverse=True)
    first = inverse % 2 == 0

    def error(alpha: float) -> float:
        total = 0.0
        for fit in (first, ~first):
            own = gram[np.ix_(fit, fit)] + alpha * np.eye(int(fit.sum()))
            guess = gram[np.ix_(~fit, fit)] @ np.linalg.solve(own, target[fit])
            total += float(((guess - target[~fit]) ** 2).sum())
        return total

    return min(ALPHAS, key=error)
