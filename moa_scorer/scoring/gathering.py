"""Asks a panel and concludes: the part of a request that takes its time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from moa_scorer.aggregation.reconcile import mask_to_fit
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Scored
from moa_scorer.policy.undecided import settled
from moa_scorer.scoring.concluding import Gathered, Turn, concluded, verdict_on
from moa_scorer.scoring.panel import collect
from moa_scorer.scoring.plan import Plan
from moa_scorer.scoring.preparing import facts_for, item_of
from moa_scorer.scoring.purse import Purse
from moa_scorer.scoring.sitting import TOO_LATE
from moa_scorer.scoring.tiers import as_if_stopped
from moa_scorer.scoring.weights import Weights

CONCLUDING: Final = 0.05
"""Part of the time left that judges do not get: the weights of a new mask take tens of milliseconds."""
LONGEST_CONCLUDING: Final = 0.05
"""Seconds, at most."""

Tell = Callable[[Ballot | Record], None]
"""Hears each ballot, and after it a provisional record where there is one."""


@dataclass(slots=True)
class Progress:
    """What a panel at work has come to so far."""

    facts: Facts | None = None
    cast: list[Ballot] = field(default_factory=list)


async def gathered_record(
    plan: Plan,
    turn: Turn,
    weights: Weights,
    purse: Purse,
    progress: Progress,
    tell: Tell | None = None,
    earlier: Sequence[Ballot] = (),
) -> Record:
    """Asks whom the plan names and concludes; `earlier` ballots are taken as they are."""
    facts = progress.facts = await facts_for(plan)
    cast, judging = progress.cast, judges_budget(turn)

    def listener(ballot: Ballot) -> None:
        cast.append(ballot)
        if tell is not None:
            tell(ballot)
            _tell_provisional(tell, plan, Gathered(facts=facts, ballots=tuple(cast)), turn)

    async def is_open() -> bool:
        return await _is_open(plan, Gathered(facts=facts, ballots=tuple(cast)), turn, judging, weights)

    for ballot in (*earlier, *plan.left_out):
        listener(ballot)
    item = item_of(plan, facts, purse)
    await collect(plan.layers, item, judging, turn.clock, listener, kept=earlier, is_open=is_open)
    return await concluded_in_time(plan, facts, cast, turn, weights)


async def concluded_in_time(
    plan: Plan, facts: Facts, cast: Sequence[Ballot], turn: Turn, weights: Weights
) -> Record:
    """The record of these ballots; unscored where their weights cannot be had within the budget."""
    in_time = await weights.ready(plan, facts, cast, turn.left)
    return concluded(plan, Gathered(facts=facts, ballots=tuple(cast), in_time=in_time), turn)


async def cut_short(plan: Plan, progress: Progress, turn: Turn, weights: Weights) -> Record:
    """The record of what a panel has come to so far, as if the budget had ended for the others."""
    facts = progress.facts or await facts_for(plan)
    cast = progress.cast or plan.left_out
    heard = {ballot.judge for ballot in cast}
    asked = (judge.profile.name for layer in plan.layers for judge in layer.judges)
    late = (Ballot(judge=name, outcome=TOO_LATE) for name in asked if name not in heard)
    return await concluded_in_time(plan, facts, (*cast, *late), turn, weights)


def judges_budget(turn: Turn) -> Budget:
    """The budget less the time that concluding takes."""
    return turn.budget.shrunk(min(turn.left * CONCLUDING, LONGEST_CONCLUDING))


async def _is_open(plan: Plan, so_far: Gathered, turn: Turn, budget: Budget, weights: Weights) -> bool:
    """Whether the next tier might change the decision; it might, where that cannot be told in time."""
    if plan.stopping is None:
        return True
    ballots, left = as_if_stopped(so_far.ballots, plan.panel), budget.remaining(turn.clock.monotonic())
    if not await weights.ready(plan, so_far.facts, ballots, left):
        return True
    stopped = Gathered(facts=so_far.facts, ballots=ballots)
    verdict = verdict_on(plan, stopped, turn, judge_revisions=plan.judge_revisions)
    return not settled(verdict, plan.policy, plan.floor, so_far.facts, plan.stopping.margin)


def _tell_provisional(tell: Tell, plan: Plan, so_far: Gathered, turn: Turn) -> None:
    """A provisional scoring, where enough judges have answered and nothing has to be worked out first."""
    if mask_to_fit(so_far.ballots, plan.snapshot, panel=plan.panel, facts=so_far.facts) is not None:
        return
    record = concluded(plan, so_far, turn, provisional=True)
    if isinstance(record.verdict.outcome, Scored):
        tell(record)
