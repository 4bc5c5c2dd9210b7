"""Word vectors that students are fitted with: a sentence encoder's, of single words, made short.

Fitting reads the committed file, so that it needs no encoder and gives the same weights everywhere.
"""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.student_text import is_word, tokens

Array = NDArray[np.float64]

DIMENSIONS = 128
_STEPS = 127


def frequent_words(texts: Iterable[str], fewest: int = 2) -> list[str]:
    """Forms of words that occur in at least so many texts, in alphabetical order."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update({token.form for token in tokens(text)})
    return sorted(form for form, count in seen.items() if count >= fewest and is_word(form))


def write_word_vectors(path: Path, words: Sequence[str], embeddings: Array) -> None:
    """Centres, scales to unit length, keeps the strongest directions, rounds to 8 bits.

    `embeddings` has shape (words, D), D >= 1. The directions are those of the words themselves; no rating is
    involved.
    """
    centred = embeddings - embeddings.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    _, directions = np.linalg.eigh(centred.T @ centred)
    short = centred @ directions[:, ::-1][:, :DIMENSIONS]
    scale = float(np.abs(short).max()) / _STEPS
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        vectors=np.round(short / scale).astype(np.int8),
        scale=np.array([scale]),
    )
    path.write_bytes(buffer.getvalue())


def read_word_vectors(path: Path) -> dict[str, Array]:
    """Form of a word -> vector of at most 128 numbers and at most unit length."""
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
        words = arrays["words"].tobytes().decode().split("\n")
        vectors = arrays["vectors"].astype(np.float64) * float(arrays["scale"][0])
    return dict(zip(words, vectors, strict=True))
