"""A bounded memory of what can be worked out again from a value."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

CAPACITY = 512
"""Results kept; the one not used for longest goes first."""


class Memory:
    """Remembers results by key. Thread-safe; two threads may work out the same result, one is kept."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    def recall(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """The result remembered under the key, else a new one."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                known: T = self._results[key]
                return known
        result = work_out()
        with self._lock:
            kept: T = self._results.setdefault(key, result)
            self._results.move_to_end(key)
            while len(self._results) > self._capacity:
                self._results.popitem(last=False)
        return kept

    def __reduce__(self) -> tuple[type["Memory"], tuple[int]]:
        """An empty one: another process works out again what it needs."""
        return Memory, (self._capacity,)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._results

    def __len__(self) -> int:
        return len(self._results)
