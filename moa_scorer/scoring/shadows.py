"""What stands in the shadow of a catalogue: policies, snapshots and panels, observed and never enforced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadows:
    """What stands beside what is in force."""

    policies: tuple[Policy, ...] = ()
    """Each decides on every verdict."""
    snapshots: tuple[Snapshot, ...] = field(default=(), repr=False)
    """Each gives another verdict on the same ballots, where it is for their rubric and panel."""
    panels: Mapping[str, float] = field(default_factory=dict)
    """Panel, `name@version` -> the share of the items, in (0, 1], that it is asked about as well."""
    budget: float = 30.0
    """Seconds that a panel has for an item, > 0."""
    at_once: int = 4
    """Items that panels are at work on at once; one more is left out."""

    def look_at(self, rubric: str, panel: str) -> bool:
        """Whether a snapshot is for this rubric and panel, by their revisions; it needs a text's measures."""
        return any((each.rubric, each.panel) == (rubric, panel) for each in self.snapshots)


NO_SHADOWS: Final = Shadows()
