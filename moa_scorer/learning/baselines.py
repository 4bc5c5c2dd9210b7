"""What a panel has to beat: simpler scores of the same items, fitted on the same training items."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from moa_scorer.calibration.table import RatedTable, is_measure, judge_of
from moa_scorer.learning.agreement import spearman

Array = NDArray[np.float64]

ALPHAS = (0.3, 1.0, 3.0, 10.0, 30.0)


def best_single(train: RatedTable, target: Array) -> int:
    """Position of the judge's column that orders the training items best; its gaps count as no order."""
    judged = [k for k, c in enumerate(train.columns) if not is_measure(c)]

    def rho(k: int) -> float:
        here = ~np.isnan(train.values[:, k])
        found = spearman(train.values[here, k], target[here])
        return found * float(here.mean()) if np.isfinite(found) else -1.0

    return max(judged, key=rho)


def filled(train: RatedTable, values: Array, k: int) -> Array:
    """A column of scores with its gaps at the training median, so that no item is dropped."""
    middle = float(np.nanmedian(train.values[:, k]))
    return np.where(np.isnan(values), middle, values)


def plain_mean(table: RatedTable) -> Array:
    """Each judge's own columns averaged, then the judges; NaN where all abstain."""
    judges = dict.fromkeys(judge_of(c) for c in table.columns if not is_measure(c))
    each = []
    for judge in judges:
        own = [k for k, c in enumerate(table.columns) if judge_of(c) == judge]
        values = table.values[:, own]
        counts = (~np.isnan(values)).sum(axis=1)
        sums = np.nansum(values, axis=1)
        each.append(np.divide(sums, counts, out=np.full(table.items, np.nan), where=counts > 0))
    stacked = np.column_stack(each)
    answered = (~np.isnan(stacked)).sum(axis=1)
    total = np.nansum(stacked, axis=1)
    result: Array = np.divide(total, answered, out=np.full(table.items, np.nan), where=answered > 0)
    return result


def word_count(texts: Sequence[str]) -> Array:
    """Words, by white space."""
    return np.array([float(len(text.split())) for text in texts])


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
        result: Array = _kernel_ridge(gram, (new @ self._train.T).toarray(), target, groups)
        return result


def _kernel_ridge(gram: Array, cross: Array, target: Array, groups: Sequence[str]) -> Array:
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
