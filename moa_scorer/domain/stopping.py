"""How sure a decision must be for the next tier of a cascade not to be asked."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """The stopping rule for one panel, policy and snapshot, with what it was seen to do."""

    margin: float | None = 1.0
    """The decision must hold all over the interval, its distances from the score times this; >= 0, None = a
    tier is always asked."""
    panel: str = ""
    """`name@version`; empty, as the next two, where nobody has calibrated the rule."""
    policy: str = ""
    snapshot: str = ""
    """Revision."""
    error: float = 0.0
    """Share of items, in (0, 1), whose decision may differ from the whole panel's; 0 = not calibrated."""
    bound: float = 1.0
    """That share is at most this, with `confidence`."""
    confidence: float = 0.0
    items: int = 0
    """Rated items that it was calibrated on."""

    @property
    def calibrated(self) -> bool:
        """Whether the margin was chosen on rated items."""
        return self.items > 0


UNCALIBRATED: Final = Stopping()
"""The interval as it is: how often such a stop errs was not measured."""
