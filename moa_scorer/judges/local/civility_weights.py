"""Reads the linear TF-IDF model of alt-profanity-check into plain arrays, without running its pickles.

The package ships two joblib pickles of scikit-learn objects. They are read once, at fetch time, by an
unpickler that admits numpy arrays, dicts and empty shells in place of scikit-learn's classes and nothing
else, so neither scikit-learn is needed nor can a pickle call anything. What is kept, for V terms, F folds:

| array | shape | what |
|---|---|---|
| `terms` | bytes, uint8 | the V terms in column order, UTF-8, joined by newlines |
| `idf` | V, float64 | inverse document frequency of each term |
| `coefficients` | F x V, float64 | linear SVM weights of each fold; positive speaks for abuse |
| `intercepts` | F, float64 | linear SVM intercepts |
| `slopes`, `offsets` | F, float64 | Platt: probability = 1 / (1 + exp(slope * decision + offset)) |

The model's probability is the mean over the folds. Terms are runs of two or more word characters of the
lower-cased text; rows are scaled to unit length. English stop words are not in the vocabulary.
"""

import io
import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.judges.local.model_wheels import FetchFailed, write_atomically


class _Shell:
    """Stands in for a class of another library: takes the pickled attributes and does nothing."""


class _WrappedArray(_Shell):
    """What joblib writes before the raw bytes of an array."""

    shape: tuple[int, ...]
    order: str
    dtype: np.dtype[Any]
    numpy_array_alignment_bytes: int | None = None


def _scalar(dtype: np.dtype[Any], data: bytes) -> Any:
    return np.frombuffer(data, dtype=dtype, count=1)[0]


_ADMITTED: Final[Mapping[tuple[str, str], Any]] = {
    ("sklearn.feature_extraction.text", "TfidfVectorizer"): _Shell,
    ("sklearn.feature_extraction.text", "TfidfTransformer"): _Shell,
    ("sklearn.calibration", "CalibratedClassifierCV"): _Shell,
    ("sklearn.calibration", "_CalibratedClassifier"): _Shell,
    ("sklearn.calibration", "_SigmoidCalibration"): _Shell,
    ("sklearn.svm._classes", "LinearSVC"): _Shell,
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _WrappedArray,
    ("numpy", "ndarray"): _Shell,
    ("numpy", "float64"): _Shell,
    ("numpy", "dtype"): np.dtype,
    ("numpy._core.multiarray", "scalar"): _scalar,
}
"""Everything that the two pickles may name; anything else ends the reading."""


_SET_STATE: Final[Callable[[Any], None]] = pickle._Unpickler.dispatch[pickle.BUILD[0]]


class _PlainUnpickler(pickle._Unpickler):
    """Reads joblib's dialect of pickle: an array's bytes follow its wrapper in the stream."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(pickle._Unpickler.dispatch)
    stack: list[Any]

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._stream = file

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise FetchFailed(f"the civility model's pickle asks for {module}.{name}: refused") from None

    def load_build(self) -> None:
        _SET_STATE(self)
        if isinstance(self.stack[-1], _WrappedArray):
            self.stack.append(_read_array(self.stack.pop(), self._stream))

    dispatch[pickle.BUILD[0]] = load_build


def _read_array(wrapped: _WrappedArray, stream: BinaryIO) -> NDArray[Any]:
    if wrapped.dtype.hasobject:
        raise FetchFailed("the civility model's pickle holds an array of objects: refused")
    if wrapped.numpy_array_alignment_bytes is not None:
        stream.read(int.from_bytes(stream.read(1), "little"))
    count = int(np.prod(wrapped.shape, dtype=np.int64))
    array = np.frombuffer(stream.read(count * wrapped.dtype.itemsize), dtype=wrapped.dtype, count=count)
    return array.reshape(wrapped.shape, order="F" if wrapped.order == "F" else "C")


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        return _PlainUnpickler(file).load()


def extract(vectorizer: Path, model: Path, target: Path) -> None:
    """Writes the arrays of the table above to `target` (.npz); raises FetchFailed on any other pickle."""
    tfidf = _read(vectorizer)
    folds = _read(model).calibrated_classifiers_
    terms = sorted(tfidf.vocabulary_, key=tfidf.vocabulary_.__getitem__)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        terms=np.frombuffer("\n".join(terms).encode(), dtype=np.uint8),
        idf=_vector([tfidf._tfidf.idf_]),
        coefficients=np.vstack([fold.estimator.coef_ for fold in folds]),
        intercepts=_vector([fold.estimator.intercept_ for fold in folds]),
        slopes=_vector([fold.calibrators[0].a_ for fold in folds]),
        offsets=_vector([fold.calibrators[0].b_ for fold in folds]),
    )
    write_atomically(target, buffer.getvalue())


def _vector(parts: Sequence[Any]) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(part, dtype=np.float64).ravel() for part in parts])
