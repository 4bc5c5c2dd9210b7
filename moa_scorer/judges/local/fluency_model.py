"""Runs the fluency graph over a text: how probable the language model finds every token."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.judges.local.fluency_graph import LONGEST
from moa_scorer.judges.local.onnx_session import open_session, run
from moa_scorer.judges.local.onnx_tokens import encodable, open_tokenizer
from moa_scorer.judges.local.pool import Stop
from moa_scorer.measures.windows import windows

Span = tuple[int, int]

COLD_TOKENS: Final = 8
"""Tokens at the start of a window inside the text that are read but not counted: their past was cut off."""
FIRST_TOKENS: Final = 1
"""Tokens at the start of the text that are not counted: how to begin is anybody's guess."""
_CONTEXT_TOKENS: Final = 200
"""Most tokens of a context that are put before the text: its last ones."""


class NotFinite(Exception):
    """The graph overflowed: there is no number for this text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the model made of a text, token by token."""

    spans: tuple[Span, ...]
    """Code points of each counted token, in text order."""
    logs: NDArray[np.float32]
    """Natural log-probability of each counted token given all that stands before it."""
    fraction: float
    """Share of the text's code points that was read, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FluencyModel:
    """The session and tokenizer; thread-safe."""

    session: Any
    tokenizer: Any

    @classmethod
    def load(cls, graph: Path, tokenizer: Path) -> "FluencyModel":
        """Loads both files; raises ModelMissing when a library is not installed."""
        return cls(session=open_session(graph), tokenizer=open_tokenizer(tokenizer))

    def read(self, text: str, stop: Stop, context: str = "") -> Reading:
        """Reads the text's windows, each after the end of the context when there is one.

        Raises Stopped soon after `stop` is set, and NotFinite when a log-probability is not a number.
        """
        places = windows(text)
        prefix = self._prefix(context)
        room = LONGEST // max(1, len(places)) - len(prefix)
        spans: list[Span] = []
        logs: list[NDArray[np.float32]] = [np.zeros(0, np.float32)]
        covered = 0
        for start, end in places:
            found = self.tokenizer.encode(encodable(text[start:end]), add_special_tokens=False)
            ids, offsets = found.ids[:room], found.offsets[:room]
            cold = COLD_TOKENS if start else FIRST_TOKENS
            logs.append(self._log_probs([*prefix, *ids], stop)[len(prefix) + cold :])
            spans += [(start + first, start + last) for first, last in offsets[cold:]]
            covered += offsets[-1][1] if offsets else 0
        return Reading(
            spans=tuple(spans), logs=np.concatenate(logs), fraction=covered / len(text) if text else 0.0
        )

    def _prefix(self, context: str) -> list[int]:
        if not context:
            return []
        ids: list[int] = self.tokenizer.encode(encodable(context + "\n\n"), add_special_tokens=False).ids
        return ids[-_CONTEXT_TOKENS:]

    def _log_probs(self, ids: list[int], stop: Stop) -> NDArray[np.float32]:
        if not ids:
            return np.zeros(0, np.float32)
        logs: NDArray[np.float32] = run(self.session, {"input_ids": np.array([ids], np.int64)}, stop)[0]
        if not np.isfinite(logs).all():
            raise NotFinite
        return logs
