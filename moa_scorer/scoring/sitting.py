"""One layer at work on one item: one ballot a judge, whatever happens."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment
from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Judge
from moa_scorer.domain.panel import Layer
from moa_scorer.domain.rubric import Rubric
from moa_scorer.scoring.purse import JudgeTab, Purse
from moa_scorer.scoring.readings import as_recorded, shown_to
from moa_scorer.scoring.tiers import SETTLED
from moa_scorer.telemetry import events, spans

Listener = Callable[[Ballot], None]

TOO_LATE: Final = Abstention(
    reason=AbstentionReason.TIMEOUT, detail="its part of the latency budget ended first"
)
NOT_NEEDED: Final = Abstention(
    reason=AbstentionReason.NOT_NEEDED, detail="enough judges had answered and the grace was over"
)
NOTHING_TO_READ: Final = Abstention(
    reason=AbstentionReason.NOT_APPLICABLE, detail="no judge of an earlier layer gave a judgment to read"
)
CRASHED: Final = Abstention(reason=AbstentionReason.PROVIDER_ERROR, detail="the judge failed; see the log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every judge of a panel is asked about, and on whose account."""

    content: Content
    rubric: Rubric
    quorum: int = 1
    """Judgments that the item needs in all: no layer stops early before."""
    purse: Purse = field(default_factory=Purse)
    seed: int = 0
    tamper_risk: float = 0.0
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(slots=True)
class Sitting:
    """One layer at work on one item."""

    layer: Layer
    item: Item
    earlier: tuple[Ballot, ...]
    """Ballots of the layers before, in panel order."""
    budget: Budget
    clock: Clock
    listener: Listener | None
    later: bool
    """Whether its judges read the ballots of layers before."""
    ended: Abstention | None = None
    """What those say who are still at work when the sitting has ended; None while it lasts."""
    judged: int = 0
    """Judgments with a score so far."""
    tasks: dict[str, asyncio.Task[Ballot]] = field(default_factory=dict)
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    async def hold(self, judges: Sequence[Judge]) -> dict[str, Ballot]:
        """Judge -> its ballot, when all are in, the quorum and its grace are over, or the budget is."""
        if self.later and not any(isinstance(ballot.outcome, Judgment) for ballot in self.earlier):
            return {judge.profile.name: self._cast_unasked(judge, NOTHING_TO_READ) for judge in judges}
        in_time = self.budget.remaining(self.clock.monotonic())
        if not in_time:
            return {judge.profile.name: self._cast_unasked(judge, TOO_LATE) for judge in judges}
        self._end_in(in_time, TOO_LATE)
        try:
            async with asyncio.TaskGroup() as group:
                for judge in judges:
                    self.tasks[judge.profile.name] = group.create_task(self._ask(judge))
        finally:
            for timer in self.timers:
                timer.cancel()
        return {judge.profile.name: self._ballot_of(judge) for judge in judges}

    def spared(self, judges: Sequence[Judge]) -> dict[str, Ballot]:
        """Judge -> its ballot where nobody is asked, because the decision is settled."""
        return {judge.profile.name: self._cast_unasked(judge, SETTLED) for judge in judges}

    def _end_in(self, seconds: float, why: Abstention) -> None:
        self.timers.append(asyncio.get_running_loop().call_later(seconds, self._end, why))

    def _end(self, why: Abstention) -> None:
        """Cuts off those still at work."""
        self.ended = self.ended or why
        for task in self.tasks.values():
            task.cancel()

    def _ballot_of(self, judge: Judge) -> Ballot:
        task = self.tasks[judge.profile.name]
        return self._cast_unasked(judge, self.ended or TOO_LATE) if task.cancelled() else task.result()

    def _count(self, ballot: Ballot) -> None:
        """Begins the grace at the judgment that fills the quorum."""
        if self.layer.quorum is None or not ballot.scores():
            return
        self.judged += 1
        before = sum(bool(ballot.scores()) for ballot in self.earlier)
        if self.judged == max(self.layer.quorum, self.item.quorum - before):
            self._end_in(self.layer.grace, NOT_NEEDED)

    async def _ask(self, judge: Judge) -> Ballot:
        """One judge's ballot; every way of failing but a cancellation of the whole becomes an abstention."""
        with spans.judge(judge.profile.name) as span:
            ballot = await self._ballot(judge)
            spans.judge_ended(span, ballot)
            self._count(ballot)
            return self._cast(ballot)

    async def _ballot(self, judge: Judge) -> Ballot:
        started = self.clock.monotonic()
        tab = JudgeTab(self.item.purse)
        try:
            outcome = await self._outcome(judge, tab)
        finally:
            tab.close()
        return Ballot(
            judge=judge.profile.name,
            outcome=outcome,
            latency=self.clock.monotonic() - started,
            usage=tab.usage,
            model=tab.model,
            stand_in=tab.stand_in,
            raw=tuple(tab.raw),
            redacted=tab.spans_redacted,
        )

    async def _outcome(self, judge: Judge, tab: JudgeTab) -> Judgment | Abstention:
        asking = self._asking(judge.profile.name, tab)
        try:
            outcome = await judge.judge(self.item.content, self.item.rubric, asking)
        except asyncio.CancelledError:
            if self.ended is None and _is_cancelled():
                raise
            outcome = self._crash(judge, "CancelledError")
        except Exception as error:
            outcome = self._crash(judge, type(error).__name__)
        order = [ballot.judge for ballot in self.earlier]
        return self.ended or as_recorded(outcome, asking.peers, order)

    def _crash(self, judge: Judge, error: str) -> Abstention:
        if self.ended is None:
            events.judge_crashed(judge=judge.profile.name, error=error)
        return CRASHED

    def _asking(self, name: str, tab: JudgeTab) -> Asking:
        item = self.item
        return Asking(
            budget=self.budget,
            tab=tab,
            nonce=item.nonce,
            seed=seed_of(name, item.seed),
            tamper_risk=item.tamper_risk,
            peers=shown_to(name, self.earlier, item.content, item.seed) if self.later else (),
            shows_content=self.layer.shows_content,
        )

    def _cast_unasked(self, judge: Judge, why: Abstention) -> Ballot:
        return self._cast(Ballot(judge=judge.profile.name, outcome=why))

    def _cast(self, ballot: Ballot) -> Ballot:
        if isinstance(ballot.outcome, Abstention):
            why = ballot.outcome
            events.judge_abstained(
                judge=ballot.judge, reason=why.reason, detail=why.detail, seconds=ballot.latency
            )
        if self.listener is not None:
            self.listener(ballot)
        return ballot


@lru_cache(maxsize=1024)
def seed_of(name: str, seed: int) -> int:
    """A judge's own seed, below 2**31: one model in several seats is not to repeat itself."""
    return int.from_bytes(sha256(f"{seed}/{name}".encode()).digest()[:4]) >> 1


def _is_cancelled() -> bool:
    """Whether somebody cancelled this task; else the judge let another's cancellation out, which is a bug."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
