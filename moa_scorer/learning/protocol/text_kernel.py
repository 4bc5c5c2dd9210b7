"""A linear text model as a rival: ridge regression on n-grams; how alike texts are is worked out once."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.protocol.text_ridge import kernel_ridge

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Likeness = NDArray[np.float32]

TERMS: Final[tuple[dict[str, Any], ...]] = (
    {"ngram_range": (1, 2), "min_df": 2},
    {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 3, "max_features": 60_000},
)
"""Words and pairs of words, and pieces of words."""
FREQUENT: Final = 0.03
"""Share of the texts from which a term is common enough for a dense product to be the faster one."""


def likeness(texts: Sequence[str]) -> Likeness:
    """Shape (texts, texts): the sum of the cosines of their word and character n-grams, weighted by rarity.

    Terms and their rarity are those of all texts; ratings play no part. Needs scikit-learn; raises
    ImportError that says how to install it.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise ImportError("the text model needs scikit-learn: pip install 'moa-scorer[fit]'") from error

    total = np.zeros((len(texts), len(texts)), dtype=np.float32)
    for terms in TERMS:
        try:
            total += _products(
                TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **terms).fit_transform(texts)
            )
        except ValueError:  # scikit-learn's word for texts without a common term
            continue
    return total


def text_values(alike: Likeness, train: Index, new: Index, target: Array, groups: Sequence[str]) -> Array:
    """Ridge regression's scores of the texts at `new`, in [0, 1], from the ratings of those at `train`."""
    gram = alike[np.ix_(train, train)].astype(np.float64)
    cross = alike[np.ix_(new, train)].astype(np.float64)
    return kernel_ridge(gram, cross, target, groups).clip(0.0, 1.0)


def _products(rows: Any) -> Likeness:
    """rows @ rows.T; the columns that most rows have are multiplied as a dense matrix."""
    shares = np.asarray((rows > 0).sum(axis=0)).ravel() / rows.shape[0]
    rare = rows[:, np.flatnonzero(shares < FREQUENT)]
    common = rows[:, np.flatnonzero(shares >= FREQUENT)].toarray()
    result: Likeness = common @ common.T + (rare @ rare.T).toarray()
    return result
