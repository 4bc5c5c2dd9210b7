"""The text model of the protocol beside the one that counts anew for every split."""

import numpy as np
import pytest

from moa_scorer.learning.protocol.text_kernel import likeness, text_values
from moa_scorer.learning.protocol.text_ridge import TextRidge

WORDS = ["good", "bad", "fine", "awful", "plain", "story", "letter", "day", "night", "summer"]


def texts_of(count: int) -> list[str]:
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, 8)) for _ in range(count)]


def test_trained_on_all_texts_it_is_the_same_model() -> None:
    texts = texts_of(60)
    target = np.array([0.5 + 0.1 * (t.count("good") - t.count("bad")) for t in texts]).clip(0, 1)
    everything, groups = np.arange(60), [str(i) for i in range(60)]
    theirs = TextRidge(texts).predict(target, texts, groups)
    ours = text_values(likeness(texts), everything, everything, target, groups)
    assert ours == pytest.approx(theirs.clip(0, 1), abs=1e-5)


def test_it_finds_the_words_that_matter_in_texts_it_was_not_told_about() -> None:
    texts = texts_of(120)
    target = np.array([0.5 + 0.1 * (t.count("good") - t.count("bad")) for t in texts]).clip(0, 1)
    train, new = np.arange(80), np.arange(80, 120)
    said = text_values(likeness(texts), train, new, target[:80], [str(i) for i in train])
    assert np.corrcoef(said, target[80:])[0, 1] > 0.7


def test_texts_are_like_themselves_in_both_kinds_of_terms() -> None:
    alike = likeness(texts_of(40))
    assert np.diag(alike) == pytest.approx(2.0, abs=1e-4)
    assert alike == pytest.approx(alike.T)


def test_texts_without_a_common_term_are_alike_in_nothing() -> None:
    assert (likeness(["a", "b", "c"]) == 0).all()
