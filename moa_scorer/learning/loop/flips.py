"""Which decisions a promotion would change: the same ballots, two snapshots, one policy."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import Decision, Ruling, Verdict
from moa_scorer.learning.predict import verdicts
from moa_scorer.policy.decide import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One item that is decided otherwise."""

    item: str
    before: Ruling
    after: Ruling
    score_before: float | None
    """The overall score in [0, 1]; None = unscored."""
    score_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """A policy's decisions under two snapshots."""

    policy: str
    """Its revision."""
    items: int
    counts: Mapping[tuple[Decision, Decision], int]
    """(before, after) -> items, those that stay included."""
    flips: tuple[Flip, ...]
    """In the order of the items."""

    @property
    def share(self) -> float:
        """Share of the items that are decided otherwise; 0 of no items."""
        return len(self.flips) / self.items if self.items else 0.0


def flips(
    before: Snapshot | None,
    after: Snapshot,
    table: RatedTable,
    rubric: Rubric,
    panel: Panel,
    policy: Policy,
    *,
    kind: str,
    language: str = "en",
) -> Flips:
    """Decides every item of the table under both snapshots; its ratings are not looked at."""
    old = verdicts(before, table, rubric, panel, kind=kind, language=language)
    new = verdicts(after, table, rubric, panel, kind=kind, language=language)
    return compared(table.ids, old, new, policy)


def compared(items: Sequence[str], old: Iterator[Verdict], new: Iterator[Verdict], policy: Policy) -> Flips:
    """The decisions of a policy on two verdicts of each item."""
    counts: Counter[tuple[Decision, Decision]] = Counter()
    found = []
    for flip in _decided(items, old, new, policy):
        counts[flip.before.decision, flip.after.decision] += 1
        if flip.before.decision is not flip.after.decision:
            found.append(flip)
    return Flips(policy=policy.revision, items=len(items), counts=dict(counts), flips=tuple(found))


def _decided(
    items: Sequence[str], old: Iterator[Verdict], new: Iterator[Verdict], policy: Policy
) -> Iterator[Flip]:
    for item, one, other in zip(items, old, new, strict=True):
        yield Flip(
            item=item,
            before=decide(one, policy),
            after=decide(other, policy),
            score_before=one.score,
            score_after=other.score,
        )
