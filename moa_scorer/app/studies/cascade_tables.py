"""CASCADE.md: the tables of `make cascade`, with everything that they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moa_scorer.app.studies.claim_tasks import Task
from moa_scorer.learning.choice.cascade import DecisionUse, ScoreUse, Selective
from moa_scorer.learning.choice.tiers import FOLDS
from moa_scorer.learning.choice.worth import Mean

SAVED_GOAL: Final = 0.5
CHANGE_GOAL: Final = 0.01
AGREEMENT_GOAL: Final = 0.8
DECIDED_GOAL: Final = 0.65
COST_GOAL: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One task with what cascades do on it."""

    task: Task
    items: int
    ends: tuple[int, ...]
    """Judges asked up to each tier but the last."""
    good_from: float
    """Threshold of the policy, in [0, 1]."""
    score: ScoreUse
    decision: DecisionUse
    selective: Selective
    strong: str
    """The dearest judge."""
    confidence: float


HEAD: Final = f"""\
# What stopping early saves, on recorded judges

Written by `make cascade` from recorded judges; nothing was asked anew. Judges, tiers, and when to stop are
chosen on four fifths of the groups and measured on the rest, {FOLDS} times; each item is calibrated by a fit
that never saw its group. What is chosen for a fold is chosen on verdicts of the other folds, whose fits have
seen its ratings among others. Intervals in brackets are of 95 %, over groups. A call is one judge asked
about one item. The weights are those of `CLAIM.md`, without the surface that a served snapshot may have.

"""
SCORE_NOTE: Final = """\
The next tier is asked while the interval is wider than the widest that, on the other folds, errs no more than
asking everybody. Tiers: the judges by what they add to each other, up to {ends}, then everybody else. Errors
are mean absolute ones on the scale of [0, 1]. Goal: {saved:.0%} of the calls saved, and the error larger by
{change:.0%} of itself at most.

| task | items | calls of all | calls | saved | error of all | error | change | goal |
|---|--:|--:|--:|--:|--:|--:|--:|---|
"""
DECISION_NOTE: Final = """\
The same tiers; the next one is asked while the decision (good enough or not) is not settled by the interval
times a margin. The margin is the smallest whose decisions differ from the whole panel's on at most
{error:.0%} of the items, with {confidence:.0%} confidence, on the other folds.

| task | good from | saved | otherwise than by all | otherwise than by people: cascade / all | margins |
|---|--:|--:|--:|--:|---|
"""
SELECTIVE_NOTE: Final = """\
First the judges that are most valuable for their cost, within a tenth of the dearest judge's; the dearest one
only where they leave the decision open; where it stays open, people look. The margin is the smallest whose
decisions agree with people's on {agreement:.0%} with {confidence:.0%} confidence, on the other folds. Goal:
{agreement:.0%} agreement on {decided:.0%} of the items at {cost:g} of the dearest judge's cost.

| task | strong judge | agreement of the decided | decided | cost / strong judge's | margins | goal |
|---|---|--:|--:|--:|---|---|
"""


def cascade_markdown(found: Sequence[Found]) -> str:
    """The whole file."""
    first = found[0]
    score = SCORE_NOTE.format(ends=", ".join(map(str, first.ends)), saved=SAVED_GOAL, change=CHANGE_GOAL)
    decision = DECISION_NOTE.format(error=first.decision.error, confidence=first.confidence)
    chosen = SELECTIVE_NOTE.format(
        agreement=AGREEMENT_GOAL, decided=DECIDED_GOAL, cost=COST_GOAL, confidence=first.confidence
    )
    parts = (
        HEAD,
        "## Where the score is what counts\n\n" + score,
        *(_score_row(one) for one in found),
        "\n## Where a decision is what counts\n\n" + decision,
        *(_decision_row(one) for one in found),
        "\n## Deciding what is sure and leaving the rest to people\n\n" + chosen,
        *(_selective_row(one) for one in found),
    )
    return "".join(parts)


def _score_row(one: Found) -> str:
    use = one.score
    reached = use.saved.value >= SAVED_GOAL and use.change.value <= CHANGE_GOAL
    surely = use.saved.low >= SAVED_GOAL and use.change.high <= CHANGE_GOAL
    return _row(
        one.task.study.name,
        f"{one.items:,}",
        f"{use.everybody:.3g}",
        f"{use.calls:.3g}",
        _percent(use.saved),
        f"{use.error_of_all:.4f}",
        f"{use.error:.4f}",
        _percent(use.change),
        _verdict(reached=reached, surely=surely),
    )


def _decision_row(one: Found) -> str:
    use = one.decision
    return _row(
        one.task.study.name,
        f"{one.good_from:g}",
        _percent(use.saved),
        _percent(use.differs),
        f"{use.wrong:.1%} / {use.wrong_of_all:.1%}",
        _margins(use.margins),
    )


def _selective_row(one: Found) -> str:
    use = one.selective
    cheap = use.cost <= COST_GOAL * use.strong
    reached = use.agreement.value >= AGREEMENT_GOAL and use.decided.value >= DECIDED_GOAL and cheap
    surely = use.agreement.low >= AGREEMENT_GOAL and use.decided.low >= DECIDED_GOAL and cheap
    return _row(
        one.task.study.name,
        one.strong,
        _percent(use.agreement),
        _percent(use.decided),
        f"{use.cost / use.strong:.2f}",
        _margins(use.margins),
        _verdict(reached=reached, surely=surely),
    )


def _verdict(*, reached: bool, surely: bool) -> str:
    if surely:
        return "reached, intervals too"
    return "reached, though not by the ends of the intervals" if reached else "missed"


def _margins(margins: Sequence[float | None]) -> str:
    return ", ".join("none" if margin is None else f"{margin:g}" for margin in margins)


def _percent(mean: Mean) -> str:
    return f"{100 * mean.value:.1f} % [{100 * mean.low:.1f}, {100 * mean.high:.1f}]"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
