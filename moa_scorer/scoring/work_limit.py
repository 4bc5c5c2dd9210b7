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
FAR_FEWER: Final = 2 / 3
AS_LONG: Final = 0.9
"""Shares of the items and of the delay at a cut: with far fewer at work, the rest must not wait as long."""
IN_VAIN_PAUSE: Final = 5.0
"""Seconds without another cut after one that changed nothing."""


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
    """Monotonic seconds from which the last cut shows in what is measured, once it is kept to."""
    last: "Cut | None" = None
    """The last cut, until work was seen to wait no longer than the target."""

    def __post_init__(self) -> None:
        self.limit = min(float(self.limit), float(self.most))

    def look(self, delay: float, inside: int, now: float, *, wanted: bool, ours: bool = False) -> None:
        """Takes in that work waits `delay` seconds, with so many items at work.

        `wanted` = there would be more if the limit were higher; `ours` = it waits in a queue that only our
        own work is in, so that less of it is always a help. `now` in monotonic seconds.
        """
        if delay <= self.target:
            self.last = None
            if wanted:
                self.limit = min(float(self.most), self.limit + max(1.0, RISE * self.limit))
        elif inside >= self.limit + 1:
            self._settle(now, delay)
        elif now >= self.settled_at:
            self._cut(Cut(inside=inside, delay=delay), now, ours=ours)

    def _settle(self, now: float, delay: float) -> None:
        """What waits now came when more was at work: a cut shows when that is through."""
        self.settled_at = now + min(delay, LONGEST_PAUSE)

    def _cut(self, cut: "Cut", now: float, *, ours: bool) -> None:
        """Less is begun, unless the last cut was in vain: then somebody else keeps the processor busy."""
        if not ours and self.last is not None and self.last.was_in_vain(cut):
            self.limit, self.last = self._within_bounds(self.last.inside), None
            self.settled_at = now + IN_VAIN_PAUSE
            return
        share = max(DEEPEST_CUT, self.target / cut.delay)
        self.limit = self._within_bounds(cut.inside * share)
        self.last = cut
        self._settle(now, cut.delay)

    def _within_bounds(self, items: float) -> float:
        return min(float(self.most), max(float(LEAST), items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What was measured when less was begun."""

    inside: int
    """Items at work."""
    delay: float
    """Seconds."""

    def was_in_vain(self, later: "Cut") -> bool:
        """Whether with far fewer items at work the rest waits as long."""
        return later.inside <= FAR_FEWER * self.inside and later.delay >= AS_LONG * self.delay
