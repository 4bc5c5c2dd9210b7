"""How much work may be begun at once: found out by how long it waits for the processor.

What is looked at is the time that work stands in queues of this process, as in DAGOR (Zhou et al. 2018,
"Overload control for scaling WeChat microservices"): the time of whole answers says nothing of overload where
most of it is spent waiting for models of others. When that is too long, the limit is what Little's law says
would wait no longer than the target: those inside, times target over delay. No kept-up library of adaptive
limits was found for Python.
"""

from dataclasses import dataclass
from typing import Final

START: Final = 64
"""Items at work at once before anything was measured."""
LEAST: Final = 4
"""Items that may always be at work: below that a limit only idles."""
DEEPEST_CUT: Final = 0.5
"""One look never cuts the limit below this share of those inside: a hiccup is not an overload."""
RISE: Final = 0.05
"""Share by which a limit that was used up rises at a look, at least one: with fifty looks a second it doubles
in a third of one."""
LONGEST_PAUSE: Final = 1.0
"""Seconds between two cuts at most."""


@dataclass(slots=True, kw_only=True)
class WorkLimit:
    """The limit of one process; `limit` in [min(LEAST, most), most]."""

    most: int
    """Items at work at once, >= 1, however short their waits."""
    target: float
    """Seconds that work may wait for the processor."""
    limit: float = START
    """Items that may be at work."""
    settled_at: float = 0.0
    """Monotonic seconds from which the last cut shows in what is measured."""

    def __post_init__(self) -> None:
        self.limit = min(float(self.limit), float(self.most))

    def look(self, delay: float, inside: int, now: float, *, wanted: bool) -> None:
        """Takes in that work waits `delay` seconds, with so many items at work.

        `wanted` = there would be more if the limit were higher. `now` in monotonic seconds.
        """
        if delay > self.target:
            self._cut(delay, inside, now)
        elif wanted:
            self.limit = min(float(self.most), self.limit + max(1.0, RISE * self.limit))

    def _cut(self, delay: float, inside: int, now: float) -> None:
        """Once for each time that the work which waits now takes to get through."""
        if now < self.settled_at:
            return
        share = max(DEEPEST_CUT, self.target / delay)
        self.limit = max(float(min(LEAST, self.most)), min(self.limit, inside) * share)
        self.settled_at = now + min(delay, LONGEST_PAUSE)
