"""Counting once gives the text model that counts anew for every split."""

import numpy as np
import pytest

from moa_scorer.learning.text_counts import TextCounts, text_values
from moa_scorer.learning.text_ridge import TextRidge

WORDS = ["good", "bad", "fine", "awful", "plain", "story", "letter", "day", "night", "summer"]


def test_the_values_are_those_of_the_model_that_counts_for_one_split() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, 8)) for _ in range(60)]
    target = np.array([0.5 + 0.1 * (t.count("good") - t.count("bad")) for t in texts]).clip(0, 1)
    train, new, groups = np.arange(40), np.arange(40, 60), [str(i) for i in range(40)]
    theirs = TextRidge([texts[i] for i in train]).predict(target[:40], [texts[i] for i in new], groups)
    ours = text_values(TextCounts(texts).kernels(train, new), target[:40], groups)
    assert ours == pytest.approx(theirs.clip(0, 1), abs=1e-9)
    assert np.corrcoef(ours, target[40:])[0, 1] > 0.5
