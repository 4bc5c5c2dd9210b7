"""The use case, top to bottom: plan → collect → reconcile → decide → record."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace

from moa_scorer.aggregation.own import facts_of, unit_ballots
from moa_scorer.aggregation.reconcile import mask_to_fit, reconcile
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mask_fit import Mask, MaskFit
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.budget import Budget, Calendar
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import ReconcileRequest, ScoreRequest
from moa_scorer.domain.ruler import reported_ruler
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.verdict import Scored, Verdict
from moa_scorer.policy.floor import rule_on
from moa_scorer.policy.undecided import settled
from moa_scorer.scoring.brought import Brought, Reconciled, resolve
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.escalate import EscalateRequest, escalation, origin_of
from moa_scorer.scoring.keeping import NO_MEMORY, Memory, kept
from moa_scorer.scoring.panel import collect
from moa_scorer.scoring.plan import Plan, make_plan
from moa_scorer.scoring.purse import Purse
from moa_scorer.scoring.sitting import Item
from moa_scorer.scoring.tiers import as_if_stopped
from moa_scorer.telemetry import events

LONG = 4_000
"""Characters of text and reference that take about a millisecond to measure."""
CONCLUDING = 0.05
"""Part of the time left that judges do not get: the weights of a new mask take tens of milliseconds."""
LONGEST_CONCLUDING = 0.05
"""Seconds, at most."""

Event = Plan | Ballot | Record
"""What a stream tells: the plan, each ballot followed by a provisional record, the final record."""


class Pipeline:
    """Scores items with the judges, rubrics and policies of one catalogue.

    `catalog` may be replaced at any time: a request is finished by the plan that it began with.
    """

    def __init__(self, catalog: Catalog, clock: Calendar, memory: Memory = NO_MEMORY) -> None:
        self.catalog = catalog
        self.clock = clock
        self.memory = memory
        self._fitting: dict[tuple[str, Mask], asyncio.Task[MaskFit]] = {}

    def plan(self, request: ScoreRequest) -> Plan:
        """What would be asked of whom; raises NotFound, InvalidRequest or RulerMismatch."""
        return make_plan(request, self.catalog)

    async def score(self, request: ScoreRequest, budget: Budget) -> Record:
        """Scores one item within the budget; raises what `plan` raises, and cancellation."""
        record = await self._run(self.plan(request), budget)
        return await kept(record, self.memory, budget, self.clock)

    async def stream(self, request: ScoreRequest, budget: Budget) -> AsyncGenerator[Event, None]:
        """The same, told as it happens. Closing the iterator stops the judges."""
        plan = self.plan(request)
        yield plan
        told: asyncio.Queue[Event | None] = asyncio.Queue()
        run = asyncio.create_task(self._run(plan, budget, told.put_nowait))
        run.add_done_callback(lambda _: told.put_nowait(None))
        try:
            while (event := await told.get()) is not None:
                yield event
            yield await kept(run.result(), self.memory, budget, self.clock)
        finally:
            run.cancel()
            await asyncio.wait({run})

    async def reconcile(self, request: ReconcileRequest, budget: Budget) -> Reconciled:
        """The verdict on ballots that the caller brings; raises what `resolve` raises, and cancellation."""
        plan = resolve(request, self.catalog)
        ballots = unit_ballots(request.ballots, plan.snapshot)
        facts = await _facts(plan)
        in_time = await self._weights_ready(plan, facts, ballots, budget)
        verdict = self._verdict(plan, facts, ballots, in_time=in_time)
        ruling = rule_on(verdict, plan.policy, plan.floor, facts)
        return Reconciled(request=request, plan=plan.record(), facts=facts, verdict=verdict, ruling=ruling)

    async def escalate(self, request: EscalateRequest, budget: Budget) -> Record:
        """Buys what a record left unused and decides again; raises what `origin_of` and `escalation` do."""
        origin = await origin_of(request, self.memory, budget, self.clock)
        plan, ballots = escalation(request, origin, self.catalog)
        record = replace(await self._run(plan, budget, earlier=ballots), origin=origin.name)
        return await kept(record, self.memory, budget, self.clock)

    async def _run(
        self,
        plan: Plan,
        budget: Budget,
        tell: Callable[[Event], None] | None = None,
        earlier: Sequence[Ballot] = (),
    ) -> Record:
        """Asks whom the plan names and concludes; `earlier` ballots are taken as they are."""
        started = self.clock.monotonic()
        facts = await _facts(plan)
        item = _item(plan, facts)
        cast: list[Ballot] = []

        def listener(ballot: Ballot) -> None:
            cast.append(ballot)
            if tell is not None:
                tell(ballot)
                self._tell_provisional(tell, plan, facts, tuple(cast), started)

        for ballot in (*earlier, *plan.left_out):
            listener(ballot)
        judging = self._for_judges(budget)

        async def is_open() -> bool:
            return await self._is_open(plan, facts, cast, judging)

        await collect(plan.layers, item, judging, self.clock, listener, kept=earlier, is_open=is_open)
        in_time = await self._weights_ready(plan, facts, tuple(cast), budget)
        record = self._conclude(plan, facts, tuple(cast), started, in_time=in_time)
        _log(record)
        return replace(record, budget=budget.remaining(started))

    def _for_judges(self, budget: Budget) -> Budget:
        """The budget less the time that concluding takes."""
        left = budget.remaining(self.clock.monotonic())
        return budget.shrunk(min(left * CONCLUDING, LONGEST_CONCLUDING))

    async def _is_open(self, plan: Plan, facts: Facts, cast: Sequence[Ballot], budget: Budget) -> bool:
        """Whether the next tier might change the decision; it might, where that cannot be told in time."""
        ballots = as_if_stopped(cast, plan.panel)
        if plan.stopping is None or not await self._weights_ready(plan, facts, ballots, budget):
            return True
        verdict = self._verdict(plan, facts, ballots, in_time=True, judge_revisions=plan.judge_revisions)
        return not settled(verdict, plan.policy, plan.floor, facts, plan.stopping.margin)

    def _tell_provisional(
        self,
        tell: Callable[[Event], None],
        plan: Plan,
        facts: Facts,
        ballots: tuple[Ballot, ...],
        started: float,
    ) -> None:
        """A provisional scoring, where enough judges have answered and nothing has to be worked out first."""
        if mask_to_fit(ballots, plan.snapshot, panel=plan.panel, facts=facts) is not None:
            return
        record = self._conclude(plan, facts, ballots, started, provisional=True)
        if isinstance(record.verdict.outcome, Scored):
            tell(record)

    async def _weights_ready(
        self, plan: Plan | Brought, facts: Facts, ballots: tuple[Ballot, ...], budget: Budget
    ) -> bool:
        """Works out the weights of judges that never answered together before, in a thread, for all requests
        that wait for them; False when the budget ends first. The work goes on for the next request."""
        mask = mask_to_fit(ballots, plan.snapshot, panel=plan.panel, facts=facts)
        if mask is None or plan.snapshot is None:
            return True
        key = (plan.snapshot.digest, mask)
        if key not in self._fitting:
            self._fitting[key] = asyncio.create_task(asyncio.to_thread(fit_mask, plan.snapshot, mask))
            self._fitting[key].add_done_callback(lambda _: self._fitting.pop(key, None))
        fitting = self._fitting[key]
        await asyncio.wait({fitting}, timeout=budget.remaining(self.clock.monotonic()))
        return fitting.done()

    def _verdict(
        self,
        plan: Plan | Brought,
        facts: Facts,
        ballots: tuple[Ballot, ...],
        *,
        in_time: bool,
        provisional: bool = False,
        judge_revisions: Mapping[str, str] | None = None,
    ) -> Verdict:
        """The ballots reconciled by what the catalogue holds today."""
        return reconcile(
            ballots,
            plan.snapshot,
            rubric=plan.rubric,
            panel=plan.panel,
            quorum=plan.quorum,
            facts=facts,
            reference=self.catalog.reference,
            provisional=provisional,
            judge_revisions=judge_revisions,
            in_time=in_time,
            standing=self._standing(plan),
        )

    def _standing(self, plan: Plan | Brought) -> Standing:
        return self.catalog.standing(plan.snapshot, self.clock.now().date())

    def _conclude(
        self,
        plan: Plan,
        facts: Facts,
        ballots: tuple[Ballot, ...],
        started: float,
        *,
        provisional: bool = False,
        in_time: bool = True,
    ) -> Record:
        verdict = self._verdict(
            plan,
            facts,
            ballots,
            in_time=in_time,
            provisional=provisional,
            judge_revisions=plan.judge_revisions,
        )
        return Record(
            created=self.clock.now(),
            request=plan.request,
            plan=plan.record(),
            facts=facts,
            standing=self._standing(plan),
            in_time=in_time,
            verdict=verdict,
            ruling=rule_on(verdict, plan.policy, plan.floor, facts),
            ruler_reported=reported_ruler(plan.ruler, verdict.ballots),
            elapsed=self.clock.monotonic() - started,
            cache=CacheUse.BYPASSED if provisional else CacheUse.MISS,
        )


def _item(plan: Plan, facts: Facts) -> Item:
    """What the judges are given: the language is the detected one where none was declared."""
    request = plan.request
    return Item(
        content=replace(request.content, language=facts.language),
        rubric=plan.rubric,
        quorum=plan.quorum,
        purse=Purse(ceiling=request.cost_ceiling),
        seed=request.seed,
        tamper_risk=facts.tamper_risk,
    )


async def _facts(plan: Plan | Brought) -> Facts:
    """The facts of a text, those of a long one in a thread, so that no other call waits for them.

    Only a snapshot has a use for the measures.
    """
    content, measured = plan.request.content, plan.snapshot is not None
    if len(content.text) + len(content.reference) > LONG:
        return await asyncio.to_thread(facts_of, content, measured=measured)
    return facts_of(content, measured=measured)


def _log(record: Record) -> None:
    events.item_scored(
        panel=record.plan.panel.revision,
        rubric=record.plan.rubric.revision,
        completion=record.verdict.completion,
        decision=record.ruling.decision,
        planned=record.verdict.planned,
        answered=record.verdict.answered,
        seconds=record.elapsed,
    )
