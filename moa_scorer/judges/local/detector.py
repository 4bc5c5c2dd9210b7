"""The one way a local function becomes a judge."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.rubric import Rubric
from moa_scorer.judges.local.pool import CHUNK_SECONDS, Pool, PoolClosed, QueueFull, Stop


class ModelMissing(Exception):
    """A model file or library is not installed; the message says how to mend it."""


class Detect(Protocol):
    """A loaded detector: a plain, thread-safe function. It looks at `stop` at least every 50 ms."""

    def __call__(self, content: Content, stop: Stop) -> Judgment | Abstention: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSpec:
    """Everything there is to a local judge but its threads."""

    profile: JudgeProfile
    load: Callable[[], Detect]
    """Loads the model, once, in a worker thread; raises ModelMissing."""
    seconds_per_character: float
    """Measured CPU time, for estimates."""


class _Lazy:
    """Loads once, under a lock, whichever thread comes first; a missing model is looked for again."""

    def __init__(self, load: Callable[[], Detect]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: Detect | None = None

    def __call__(self, stop: Stop) -> Detect:
        """The loaded detector. Whoever waits for another thread's load still looks at its own `stop`."""
        if self._loaded is not None:
            return self._loaded
        while not self._lock.acquire(timeout=CHUNK_SECONDS / 2):
            stop.check()
        try:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded
        finally:
            self._lock.release()

    def missing(self, stop: Stop) -> str:
        try:
            self(stop)
        except ModelMissing as missing:
            return str(missing)
        return ""


class LocalJudge:
    """Stands a detector behind the `Judge` port: loads lazily, runs in the pool, abstains when it cannot."""

    def __init__(self, spec: DetectorSpec, pool: Pool) -> None:
        self._spec = spec
        self._pool = pool
        self._detect = _Lazy(spec.load)

    @property
    def profile(self) -> JudgeProfile:
        return self._spec.profile

    def estimate(self, content: Content) -> Estimate:
        return Estimate(seconds=len(content.text) * self._spec.seconds_per_character)

    async def warm(self) -> None:
        """Loads the model in a worker thread; a missing model is left to the ballots to say."""
        await self.missing()

    async def missing(self) -> str:
        """Loads the model; what is not installed and how to mend it, empty when the judge can judge."""
        return await self._pool.run(self._detect.missing)

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:  # noqa: ARG002
        if self._spec.profile.languages and content.language not in ("", *self._spec.profile.languages):
            return Abstention(
                reason=AbstentionReason.UNSUPPORTED_LANGUAGE,
                detail=f"understands {', '.join(self._spec.profile.languages)} only",
            )
        try:
            return await self._pool.run(lambda stop: self._detect(stop)(content, stop))
        except ModelMissing as missing:
            return Abstention(reason=AbstentionReason.MODEL_MISSING, detail=str(missing))
        except QueueFull:
            return Abstention(reason=AbstentionReason.RATE_LIMITED, detail="the local worker queue is full")
        except PoolClosed:
            return Abstention(reason=AbstentionReason.CANCELLED, detail="the local workers are shutting down")
