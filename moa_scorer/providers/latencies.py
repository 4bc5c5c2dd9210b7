"""Quantiles of the last latencies: exact over a short window, so that they follow the endpoint of today.

A t-digest (pytdigest, crick) or the P² algorithm never forgets; a window of fixed length costs the same for
every value, however long the server runs.
"""

from bisect import bisect_left, insort
from collections import deque
from typing import Final

WINDOW: Final = 256
"""Latencies that are remembered: the 95 % quantile rests on the 13 longest."""


class Latencies:
    """The last `WINDOW` latencies in seconds, in time's order and in size's."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []

    def __len__(self) -> int:
        return len(self._recent)

    def add(self, seconds: float) -> None:
        """Remembers one latency, and forgets the oldest of a full window."""
        if len(self._recent) == WINDOW:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]
        self._recent.append(seconds)
        insort(self._sorted, seconds)

    def quantile(self, share: float) -> float:
        """The smallest latency that `share` of the window does not pass; ValueError on an empty one."""
        if not self._sorted:
            raise ValueError("no latency is known yet")
        return self._sorted[min(len(self._sorted) - 1, int(share * len(self._sorted)))]
