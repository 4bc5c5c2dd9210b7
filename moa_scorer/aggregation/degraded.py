"""Does a verdict rest on fewer layers than planned? If so, why, in words."""

from collections.abc import Mapping, Sequence

from moa_scorer.aggregation.tiers import unasked_tiers
from moa_scorer.domain.ballot import Abstention, Ballot, Judgment
from moa_scorer.domain.panel import Layer, Panel


def degraded_words(ballots: Sequence[Ballot], panel: Panel) -> str:
    """A sentence on later layers that gave no judgment or missed their quorum; empty when none did.

    A tier that was not asked, because the decision was settled, is none of them.

    `ballots` are those that the number rests on.
    """
    if len(panel.layers) < 2:
        return ""
    cast = {ballot.judge: ballot for ballot in ballots}
    unasked = unasked_tiers(ballots, panel)
    later = [(k, layer) for k, layer in enumerate(panel.layers[1:], start=2) if layer not in unasked]
    missing = [words for k, layer in later if (words := _shortfall(k, layer, cast))]
    return f"{'; '.join(missing)}: the result of the ballots at hand." if missing else ""


def _shortfall(number: int, layer: Layer, cast: Mapping[str, Ballot]) -> str:
    judged = sum(judge in cast and bool(cast[judge].scores()) for judge in layer.judges)
    wanted = layer.quorum or 1
    if judged >= wanted:
        return ""
    why = ", ".join(f"{judge}: {_reason(cast.get(judge))}" for judge in layer.judges if _silent(cast, judge))
    if not judged:
        spoke = any(judge in cast and isinstance(cast[judge].outcome, Judgment) for judge in layer.judges)
        return f"layer {number} gave no judgment{' that counts' if spoke else ''} ({why})"
    return f"layer {number} missed its quorum, {judged} of {wanted} judged ({why})"


def _silent(cast: Mapping[str, Ballot], judge: str) -> bool:
    return judge not in cast or not cast[judge].scores()


def _reason(ballot: Ballot | None) -> str:
    if ballot is None:
        return "no ballot"
    if isinstance(ballot.outcome, Abstention):
        return ballot.outcome.reason.value.replace("_", " ")
    answers = ballot.outcome.answers.values()
    return next((a.detail for a in answers if isinstance(a, Abstention) and a.detail), "no score")
