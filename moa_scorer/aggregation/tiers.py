"""Tiers of a cascade that nobody asked, because the decision was settled before."""

from collections.abc import Mapping, Sequence

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
from moa_scorer.domain.panel import Layer, Panel


def unasked_tiers(ballots: Sequence[Ballot], panel: Panel) -> tuple[Layer, ...]:
    """The tiers of which every judge abstained with NOT_NEEDED."""
    if not panel.layers:
        return ()
    cast = {ballot.judge: ballot for ballot in ballots}
    return tuple(layer for layer in panel.tiers if all(_not_needed(cast, judge) for judge in layer.judges))


def is_decided(ballots: Sequence[Ballot], panel: Panel) -> bool:
    """Whether the panel stopped before a tier and all judges that were to be asked until then answered."""
    unasked = {judge for layer in unasked_tiers(ballots, panel) for judge in layer.judges}
    answered = {ballot.judge for ballot in ballots if ballot.judged()}
    return bool(unasked) and answered | unasked >= set(panel.judges)


def _not_needed(cast: Mapping[str, Ballot], judge: str) -> bool:
    outcome = cast[judge].outcome if judge in cast else None
    return isinstance(outcome, Abstention) and outcome.reason is AbstentionReason.NOT_NEEDED
