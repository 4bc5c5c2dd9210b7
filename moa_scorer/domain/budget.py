"""One latency budget per request, on a monotonic clock, that layers may only shrink."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...


class Calendar(Clock, Protocol):
    """A clock that knows the date too."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """An instant after which an answer is worthless."""

    deadline: float
    """Monotonic seconds."""

    @classmethod
    def starting(cls, now: float, seconds: float) -> "Budget":
        """A budget of so many seconds from now; raises ValueError unless positive."""
        if not seconds > 0:
            raise ValueError("a budget must be positive")
        return cls(now + seconds)

    def remaining(self, now: float) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.deadline - now)

    def shrunk(self, reserve: float) -> "Budget":
        """The same budget less a reserve in seconds; raises ValueError on a negative one."""
        if reserve < 0:
            raise ValueError("a budget can only shrink")
        return Budget(self.deadline - reserve)
