"""What a change would do to stored decisions, counted record by record in a bounded amount of memory."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Decision, Ruling, Verdict

EXAMPLES: Final = 20
"""Changed decisions that are named."""
DAMAGED: Final = "their bytes are not those that were written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Records whose decision would go the same way."""

    before: Decision
    after: Decision
    count: int
    share: float
    """Of all records that could be told, in (0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One record whose decision would be another."""

    record: str
    """Its name."""
    content_id: str
    before: Ruling
    after: Ruling
    score_before: float | None
    """In [0, 1]; None = unscored."""
    score_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What a change would do to stored decisions."""

    records: int
    """That could be told."""
    changed: int
    """Whose decision would be another."""
    moves: tuple[Moved, ...]
    """Each pair of decisions that occurs, unchanged ones too; the commonest first."""
    mean_change: float | None
    """Mean |score after - score before| of those scored both times, in [0, 1]; None = there are none."""
    scored_both: int
    gained: int
    """Unscored before, scored after."""
    lost: int
    """Scored before, unscored after."""
    examples: tuple[Example, ...]
    """The first changed decisions, at most as many as were asked for."""
    untold: Mapping[str, int]
    """Why a record could not be told -> how many; they are in none of the figures above."""

    def beside_damaged(self, count: int) -> "WhatIf":
        """The same, of so many records more that could not be read."""
        return replace(self, untold={**self.untold, DAMAGED: count}) if count else self

    @property
    def share_changed(self) -> float:
        """Of the records that could be told, in [0, 1]; 0 without any."""
        return self.changed / self.records if self.records else 0.0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was found so far."""

    most_examples: int = EXAMPLES
    moves: Counter[tuple[Decision, Decision]] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    distance: float = 0.0
    """Sum of |score after - score before|."""
    scored_both: int = 0
    gained: int = 0
    lost: int = 0

    def add(self, record: Record, verdict: Verdict, ruling: Ruling) -> None:
        """Counts one record beside what it would be."""
        before, after = record.verdict.score, verdict.score
        self.moves[record.ruling.decision, ruling.decision] += 1
        if before is not None and after is not None:
            self.scored_both += 1
            self.distance += abs(after - before)
        self.gained += before is None and after is not None
        self.lost += before is not None and after is None
        if ruling.decision is not record.ruling.decision and len(self.examples) < self.most_examples:
            self.examples.append(_example(record, ruling, before, after))

    def add_untold(self, why: str) -> None:
        """Counts one record that the change says nothing about."""
        self.untold[why] += 1

    def result(self) -> WhatIf:
        """The figures."""
        records = self.moves.total()
        moves = self.moves.most_common()
        return WhatIf(
            records=records,
            changed=sum(n for (before, after), n in moves if before is not after),
            moves=tuple(Moved(before=b, after=a, count=n, share=n / records) for (b, a), n in moves),
            mean_change=self.distance / self.scored_both if self.scored_both else None,
            scored_both=self.scored_both,
            gained=self.gained,
            lost=self.lost,
            examples=tuple(self.examples),
            untold=dict(self.untold.most_common()),
        )


def _example(record: Record, ruling: Ruling, before: float | None, after: float | None) -> Example:
    return Example(
        record=record.name,
        content_id=record.request.content.id,
        before=record.ruling,
        after=ruling,
        score_before=before,
        score_after=after,
    )
