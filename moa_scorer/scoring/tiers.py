"""What a panel would say if nobody else were asked: the ground on which a tier is or is not."""

from collections.abc import Sequence
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
from moa_scorer.domain.panel import Panel

SETTLED: Final = Abstention(
    reason=AbstentionReason.NOT_NEEDED,
    detail="the tiers before left no doubt about the policy's decision, so this one was not asked",
)


def spared_at_stops(panel: Panel) -> tuple[frozenset[str], ...]:
    """For each tier the judges that are spared where the panel stops before it."""
    tiers = panel.tiers
    return tuple(
        frozenset(judge for layer in tiers[at:] for judge in layer.judges) for at in range(len(tiers))
    )


def as_if_stopped(cast: Sequence[Ballot], panel: Panel) -> tuple[Ballot, ...]:
    """The ballots so far, with everybody who has cast none abstaining as not needed."""
    heard = {ballot.judge for ballot in cast}
    silent = (Ballot(judge=name, outcome=SETTLED) for name in panel.judges if name not in heard)
    return (*cast, *silent)
