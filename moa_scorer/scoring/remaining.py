"""What a caller has left of its quotas after a call: gathered where it is counted, told with the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from moa_scorer.domain.quota import Left, Quota

Remaining = dict[Quota, Left]
"""Of each quota that a call counted against, as it was last known."""

_REMAINING: ContextVar[Remaining | None] = ContextVar("remaining", default=None)


@contextmanager
def remaining() -> Iterator[Remaining]:
    """Gathers what is noted inside, in tasks that it starts too."""
    found: Remaining = {}
    token = _REMAINING.set(found)
    try:
        yield found
    finally:
        _REMAINING.reset(token)


def note(left: Left) -> None:
    """So much is left; whoever wants to know is told."""
    if (found := _REMAINING.get()) is not None:
        found[left.quota] = left
