"""One encoder for every judge that embeds: loaded once, its embeddings shared."""

import threading

from moa_scorer.judges.local.encoder import Encoder
from moa_scorer.judges.local.model_sources import ENCODER_GRAPH, ENCODER_TOKENIZER
from moa_scorer.judges.local.models import ModelStore


class EncoderSource:
    """Hands out the one encoder of a store. Thread-safe."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None

    @property
    def identities(self) -> tuple[str, ...]:
        """Digests of what it loads."""
        return tuple(self._store.identity(name) for name in (ENCODER_GRAPH, ENCODER_TOKENIZER))

    def __call__(self) -> Encoder:
        """Loads the encoder at the first call; raises ModelMissing, and looks again at the next call."""
        with self._lock:
            if self._encoder is None:
                graph, tokenizer = (self._store.path(name) for name in (ENCODER_GRAPH, ENCODER_TOKENIZER))
                self._encoder = Encoder.load(graph, tokenizer)
            return self._encoder
