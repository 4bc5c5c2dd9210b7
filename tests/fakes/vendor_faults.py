"""What may go wrong at a vendor, and how a fake one decides what does."""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

Latency = Callable[[Random], float]
"""Seconds before a reply."""


class Fault(StrEnum):
    """One way to fail."""

    RATE_LIMITED = "429"
    RATE_LIMITED_AFTER = "429 with Retry-After"
    NO_QUOTA = "no quota"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    OVERLOADED = "529"
    HANG = "hang"
    """Never answers; the call ends when the client gives up."""
    SLOW_BODY = "slow body"
    """Headers at once, then a byte now and then."""
    CUT = "cut connection"
    """The connection ends in the middle of the body."""
    GARBAGE = "garbage"
    """Status 200 and a body that is no reply."""
    REFUSAL = "refusal"
    """In the vendor's own form."""
    FILTERED = "content filter"
    """Status 400 because of the content."""
    WRONG_SCHEMA = "wrong schema"
    """Well-formed JSON that is not what was asked for."""
    TRUNCATED = "truncated"
    """Ended at the token limit."""
    WRONG_MODEL = "wrong model"
    """The reply says that another model wrote it."""
    NO_LOGPROBS = "no log-probabilities"
    BAD_KEY = "401"
    NO_MODEL = "404"
    TOO_LONG = "too long"


@dataclass(slots=True, kw_only=True)
class Faults:
    """First the script, one entry a call; after it by chance, the same for the same body and repeat."""

    chances: Mapping[Fault, float] = field(default_factory=dict)
    """Probabilities, summing to 1 at most."""
    seed: int = 0
    _script: deque[Fault | None] = field(default_factory=deque)
    _seen: Counter[bytes] = field(default_factory=Counter)

    def script(self, faults: Iterable[Fault | None]) -> None:
        """The next calls' faults in their order; None = a good reply."""
        self._script.extend(faults)

    @property
    def left(self) -> int:
        """Entries of the script that no call has met yet."""
        return len(self._script)

    def next(self, body: bytes) -> tuple[Fault | None, Random]:
        """This call's fault, and the randomness that belongs to the call."""
        digest = hashlib.sha256(body).digest()
        self._seen[digest] += 1
        random = Random(f"{self.seed}:{digest.hex()}:{self._seen[digest]}")
        drawn = _drawn(self.chances, random.random())
        return (self._script.popleft() if self._script else drawn), random


def _drawn(chances: Mapping[Fault, float], point: float) -> Fault | None:
    for fault, chance in chances.items():
        if point < chance:
            return fault
        point -= chance
    return None


def at_once(random: Random) -> float:
    """No latency."""
    return 0.0


def log_normal(
    *,
    median: float,
    sigma: float = 0.4,
    stragglers: float = 0.0,
    straggling: float = 20.0,
    hangs: float = 0.0,
) -> Latency:
    """Log-normal latency, where a share of calls takes `straggling` times as long and a share for ever."""

    def latency(random: Random) -> float:
        kind = random.random()
        seconds = random.lognormvariate(0.0, sigma) * median
        if kind < hangs:
            return float("inf")
        return seconds * straggling if kind < hangs + stragglers else seconds

    return latency
