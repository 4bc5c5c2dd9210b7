"""Asks the judges of a panel side by side, within the budget."""

import asyncio
import secrets
from collections.abc import Callable, Sequence

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment
from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Judge
from moa_scorer.domain.rubric import Rubric
from moa_scorer.scoring.purse import JudgeTab, Purse
from moa_scorer.telemetry import events

Listener = Callable[[Ballot], None]


async def collect(
    judges: Sequence[Judge],
    content: Content,
    rubric: Rubric,
    budget: Budget,
    clock: Clock,
    listener: Listener | None = None,
) -> tuple[Ballot, ...]:
    """One ballot a judge, in panel order; ends when all have answered or the budget has.

    A judge that fails, hangs or crashes casts an abstention; `listener` hears each ballot as it is cast.
    """

    async def ask(judge: Judge) -> Ballot:
        ballot = await cast(judge, content, rubric, budget, clock)
        if listener is not None:
            listener(ballot)
        return ballot

    # Local judges share threads, first come first served: in this order an early end costs the slowest.
    quickest_first = sorted(judges, key=lambda judge: judge.estimate(content).seconds)
    async with asyncio.TaskGroup() as group:
        tasks = {judge.profile.name: group.create_task(ask(judge)) for judge in quickest_first}
    return tuple(tasks[judge.profile.name].result() for judge in judges)


async def cast(judge: Judge, content: Content, rubric: Rubric, budget: Budget, clock: Clock) -> Ballot:
    """One judge's ballot; every way of failing but cancellation becomes an abstention."""
    started = clock.monotonic()
    name = judge.profile.name
    tab = JudgeTab(Purse())
    asking = Asking(budget=budget, tab=tab, nonce=secrets.token_hex(8))
    outcome = await _outcome(judge, content, rubric, asking, started)
    latency = clock.monotonic() - started
    if isinstance(outcome, Abstention):
        events.judge_abstained(judge=name, reason=outcome.reason, seconds=latency)
    return Ballot(judge=name, outcome=outcome, latency=latency)


async def _outcome(
    judge: Judge, content: Content, rubric: Rubric, asking: Asking, now: float
) -> Judgment | Abstention:
    timeout = asyncio.timeout(asking.budget.remaining(now))
    try:
        async with timeout:
            return await judge.judge(content, rubric, asking)
    except Exception as error:
        if timeout.expired():
            return Abstention(reason=AbstentionReason.TIMEOUT, detail="the latency budget ended first")
        events.judge_crashed(judge=judge.profile.name, error=type(error).__name__)
        return Abstention(reason=AbstentionReason.PROVIDER_ERROR, detail="the judge failed; see the log")
