"""What a tenant has left of its quotas, as callers are told with each answer."""

from collections.abc import Iterable, Iterator
from typing import Final

from moa_scorer.domain.quota import Left

HEADER: Final = "x-quota-remaining"
"""Once for each quota that the call counted against: `items; left=120; window=3600; reset=812`."""
MOST: Final = 8
"""Quotas that a call tells of: trailers are small."""


def headers(remaining: Iterable[Left]) -> Iterator[tuple[str, str]]:
    """The headers of an answer; the window and the time until it is new in seconds."""
    for left, _ in zip(remaining, range(MOST), strict=False):
        yield HEADER, _words(left)


def _words(left: Left) -> str:
    quota = left.quota
    return f"{quota.meter}; left={left.amount}; window={quota.seconds}; reset={left.resets_in:.0f}"
