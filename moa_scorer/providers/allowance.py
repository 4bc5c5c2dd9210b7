"""Extra sends, such as retries and hedges, as a share of first sends: when much fails, more is not sent."""

from typing import Final

SAVED_AT_MOST: Final = 100.0
"""Extra sends that quiet times may save up for a bad moment."""
_ROUNDING: Final = 1e-6
"""So that ten tenths are one."""


class Allowance:
    """Earned by first sends, spent by extra ones.

    So that a small run has retries at all, `head_start` of them are lent at the beginning and earned later:
    in the long run extra sends are never more than the share.
    """

    def __init__(self, share: float, head_start: int = 0) -> None:
        self._share = share
        self._balance = 0.0
        self._lent = float(head_start) if share > 0 else 0.0

    def earn(self) -> None:
        """One first send was made."""
        self._balance = min(self._balance + self._share, SAVED_AT_MOST)
        self._lent = max(0.0, self._lent - self._share)

    def spend(self) -> bool:
        """Takes one extra send; False = there is none left."""
        if self._balance + self._lent < 1 - _ROUNDING:
            return False
        self._balance -= 1
        return True
