"""Whether to try again, and when: three answers, and no sleep that the budget does not cover.

tenacity and stamina retry exceptions and sleep first; here failures are values, and what the vendor asks to
wait decides before any sleep.
"""

from random import Random
from typing import Final

from moa_scorer.providers.failures import Failed, Retry

_BASE: Final = 0.25
"""Seconds before the second send at most, when the vendor says nothing; doubled each time."""
_CEILING: Final = 8.0


def pause_before_retry(failed: Failed, sends: int, rng: Random) -> float | None:
    """Seconds to wait before the next send, after so many of them; None = do not try again.

    Exponential back-off with full jitter (Brooker, "Exponential Backoff and Jitter", 2015); never earlier
    than the vendor asks.
    """
    if failed.retry is Retry.NO:
        return None
    jittered = rng.random() * min(_CEILING, _BASE * 2.0 ** (sends - 1))
    return jittered if failed.after is None else failed.after + jittered * 0.1
