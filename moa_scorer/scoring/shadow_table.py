"""How often a shadow would have decided otherwise, from records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from moa_scorer.domain.record import Record, ShadowRuling
from moa_scorer.domain.verdict import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRow:
    """One policy, snapshot or panel beside what was in force."""

    resource: str
    """Such as `policies/strict@2`."""
    counts: Mapping[tuple[Decision, Decision], int]
    """(enforced, observed) -> items, those decided alike included."""
    mean_difference: float | None
    """Mean |observed less enforced score| of the items that have both, in [0, 1]; None = there are none."""

    @property
    def items(self) -> int:
        """Items observed."""
        return sum(self.counts.values())

    @property
    def differing(self) -> float:
        """Share of the items that would have been decided otherwise; 0 of no items."""
        other = sum(count for (enforced, observed), count in self.counts.items() if enforced is not observed)
        return other / self.items if self.items else 0.0


@dataclass(slots=True)
class _Tally:
    counts: Counter[tuple[Decision, Decision]] = field(default_factory=Counter)
    differences: float = 0.0
    scored: int = 0

    def add(self, enforced: Decision, score: float | None, observed: ShadowRuling) -> None:
        self.counts[enforced, observed.decision] += 1
        if score is not None and observed.score is not None:
            self.differences += abs(observed.score - score)
            self.scored += 1

    def row(self, resource: str) -> ShadowRow:
        mean = self.differences / self.scored if self.scored else None
        return ShadowRow(resource=resource, counts=dict(self.counts), mean_difference=mean)


class ShadowTable:
    """A row for each resource that was observed.

    Records come oldest first. A panel's are records of their own; one whose answer's record was not among
    them does not count.
    """

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}
        self._enforced: dict[str, tuple[Decision, float | None]] = {}
        """Record -> what it said, for the records of panels that come after it."""

    def add(self, record: Record) -> None:
        """Counts what the record observed, or what it observes."""
        score = record.verdict.score
        if record.request.shadow_of is None:
            self._enforced[record.name] = record.ruling.decision, score
            for shadow in record.shadows:
                self._tally(shadow.resource).add(record.ruling.decision, score, shadow)
        elif beside := self._enforced.get(record.request.shadow_of):
            resource = f"panels/{record.plan.panel.revision}"
            observed = ShadowRuling(
                resource=resource, decision=record.ruling.decision, rule=record.ruling.rule, score=score
            )
            self._tally(resource).add(*beside, observed)

    def rows(self) -> tuple[ShadowRow, ...]:
        """By resource."""
        return tuple(self._tallies[resource].row(resource) for resource in sorted(self._tallies))

    def _tally(self, resource: str) -> _Tally:
        return self._tallies.setdefault(resource, _Tally())
