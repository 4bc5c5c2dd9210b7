"""Sentence embeddings, computed once for all judges that ask about the same text.

Runs are stoppable and belong to whoever needs them: when two judges ask for one text at a time they share
the batches between them, and when one is cancelled the other takes over what it had begun. Nothing is
computed that nobody waits for.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from moa_scorer.judges.local.encoder_pieces import Span, pieces
from moa_scorer.judges.local.onnx_session import open_session, run
from moa_scorer.judges.local.onnx_tokens import encodable, open_tokenizer
from moa_scorer.judges.local.pool import Stop
from moa_scorer.measures.windows import read_fraction, windows

Vectors = NDArray[np.float32]
"""(n, channels), rows of unit length."""

LONGEST: Final = 128
"""Most tokens of one piece that are read."""
BATCH_ROWS: Final = 4
BATCH_TOKENS: Final = 192
"""A batch is at most so many rows and padded tokens: about 50 ms; larger ones gain nothing on one core."""
_KEPT_TEXTS: Final = 64
_LOOK_SECONDS: Final = 0.02
"""How often a judge that waits for another's batch looks whether it was cancelled itself."""


def cosine(a: Vectors, b: Vectors) -> float:
    """Of two vectors of any length, in [-1, 1]; 0 where one has none."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """A text in pieces, with an embedding each."""

    spans: tuple[Span, ...]
    """Code points of each piece, in text order: about a sentence each."""
    vectors: Vectors
    """One row per piece."""
    fraction: float
    """Share of the text's code points that was read, in [0, 1]."""


class Encoder:
    """all-MiniLM-L6-v2: mean of the token states, scaled to unit length. Thread-safe."""

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, _Task] = OrderedDict()

    @classmethod
    def load(cls, graph: Path, tokenizer: Path) -> "Encoder":
        """Loads both files; raises ModelMissing when a library is not installed."""
        return cls(open_session(graph), open_tokenizer(tokenizer, LONGEST))

    def passages(self, text: str, stop: Stop) -> Passages:
        """The pieces of a text's windows and their embeddings; raises Stopped soon after `stop` is set.

        The last few texts are remembered, so a prompt shared by many items is read once.
        """
        task = self._task(text)
        vectors = task.finish(self._embed_batch, stop)
        return Passages(spans=task.spans, vectors=vectors, fraction=task.fraction)

    def _task(self, text: str) -> "_Task":
        with self._lock:
            task = self._recent.pop(text, None) or self._plan(text)
            self._recent[text] = task
            while len(self._recent) > _KEPT_TEXTS:
                self._recent.popitem(last=False)
        return task

    def _plan(self, text: str) -> "_Task":
        places = windows(text)
        spans = pieces(text, places)
        ids = [self._tokenizer.encode(encodable(text[start:end])).ids for start, end in spans]
        return _Task(spans, read_fraction(text, places), ids)

    def _embed_batch(self, rows: Sequence[Sequence[int]], stop: Stop) -> Vectors:
        longest = max(map(len, rows))
        ids = np.zeros((len(rows), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return _mean_rows(run(self._session, feeds, stop), mask)


def _mean_rows(states: NDArray[np.float32], mask: NDArray[np.int64]) -> Vectors:
    """Mean of each row's real tokens, scaled to unit length."""
    weights = mask[..., None].astype(np.float32)
    sums = (states * weights).sum(axis=1)
    unit: Vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), np.float32(1e-12))
    return unit


def batches(lengths: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Indices of rows of like length, at most BATCH_ROWS and BATCH_TOKENS padded, at least one."""
    found: list[tuple[int, ...]] = []
    current: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if current and (len(current) == BATCH_ROWS or (len(current) + 1) * lengths[index] > BATCH_TOKENS):
            found.append(tuple(current))
            current = []
        current.append(index)
    return (*found, tuple(current)) if current else tuple(found)


class _Embed(Protocol):
    """Embeds the token rows of one batch; raises Stopped."""

    def __call__(self, rows: Sequence[Sequence[int]], stop: Stop) -> Vectors: ...


class _Task:
    """One text's embeddings in the making, worked on by every judge that waits for them."""

    def __init__(self, spans: tuple[Span, ...], fraction: float, ids: list[list[int]]) -> None:
        self.spans = spans
        self.fraction = fraction
        self._ids = ids
        self._batches = batches([len(tokens) for tokens in ids])
        self._free = list(range(len(self._batches)))
        self._done: dict[int, Vectors] = {}
        self._changed = threading.Condition()

    def finish(self, embed: _Embed, stop: Stop) -> Vectors:
        """Helps until every batch is done; what this judge had begun is given back when it is stopped."""
        while (batch := self._claim(stop)) is not None:
            try:
                done = embed([self._ids[index] for index in self._batches[batch]], stop)
            except BaseException:
                self._settle(batch, None)
                raise
            self._settle(batch, done)
        return self._gathered()

    def _claim(self, stop: Stop) -> int | None:
        """A batch nobody works on; waits while others work on the last ones; None when all are done."""
        with self._changed:
            while not self._free and len(self._done) < len(self._batches):
                stop.check()
                self._changed.wait(_LOOK_SECONDS)
            stop.check()
            return self._free.pop(0) if self._free else None

    def _settle(self, batch: int, done: Vectors | None) -> None:
        with self._changed:
            if done is None:
                self._free.insert(0, batch)
            else:
                self._done[batch] = done
            self._changed.notify_all()

    def _gathered(self) -> Vectors:
        if not self._batches:
            return np.zeros((0, 0), np.float32)
        rows = np.concatenate([self._done[batch] for batch in range(len(self._batches))])
        order = np.argsort([index for batch in self._batches for index in batch], kind="stable")
        return rows[order]
