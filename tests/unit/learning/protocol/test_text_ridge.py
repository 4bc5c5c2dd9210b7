"""The linear text model that stands in every table."""

import numpy as np
import pytest

from moa_scorer.learning.protocol.text_ridge import TextRidge


def test_a_text_model_learns_words_and_says_the_mean_of_unknown_ones() -> None:
    texts = [f"{'good fine nice' if i % 2 else 'bad awful poor'} text number {i}" for i in range(40)]
    target = np.array([float(i % 2) for i in range(40)])
    groups = [str(i) for i in range(40)]
    model = TextRidge(texts)
    good, bad, strange = model.predict(target, ["good fine nice", "bad awful poor", "zzz"], groups)
    assert good > 0.8
    assert bad < 0.2
    assert strange == pytest.approx(0.5, abs=0.05)
