"""What speaks against a calibration snapshot on a given day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Why a snapshot's certificates are STALE today."""

    alarms: Mapping[str, str] = field(default_factory=dict)
    """Judge -> what was found, in words; it matters where the judge answered."""
    expired: str = ""
    """Why it is too old, in words; empty = it is not."""
    doubt: str = ""
    """Why it does not hold for the items at hand, in words; empty = nothing speaks against it."""

    def why_stale(self, answered: Collection[str]) -> str:
        """The reason, for a number that rests on these judges; empty where there is none."""
        if self.doubt or self.expired:
            return self.doubt or self.expired
        found = [f"{judge} {what}" for judge, what in self.alarms.items() if judge in answered]
        return f"a drift alarm is open: {'; '.join(found)}" if found else ""


IN_FORCE = Standing()
"""Of a snapshot that nothing is known against."""
