"""Short word vectors keep what the long ones say."""

from pathlib import Path

import numpy as np

from moa_scorer.learning.student.word_vectors import (
    DIMENSIONS,
    frequent_words,
    read_word_vectors,
    write_word_vectors,
)


def test_words_of_two_texts_are_frequent_in_the_form_that_students_read() -> None:
    assert frequent_words(["An IDI0T", "an idiot idiot rare", "123 123"]) == ["an", "idiot"]


def test_cosines_survive_the_shortening(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    low = rng.normal(size=(200, 10)) @ rng.normal(size=(10, 384))
    words = [f"w{i}" for i in range(200)]
    write_word_vectors(tmp_path / "v.npz", words, low)
    found = read_word_vectors(tmp_path / "v.npz")
    short = np.array([found[w] for w in words])
    centred = low - low.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    assert short.shape == (200, DIMENSIONS)
    assert np.abs(short @ short.T - centred @ centred.T).max() < 0.05
