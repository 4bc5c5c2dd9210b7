"""The use case, top to bottom: once → plan → recall → collect → reconcile → decide → record."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from moa_scorer.aggregation.own import unit_ballots
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.budget import Budget, Calendar
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import CacheControl, ReconcileRequest, ScoreRequest
from moa_scorer.domain.stores import Claim, ClaimKey
from moa_scorer.policy.floor import rule_on
from moa_scorer.scoring.brought import Brought, Reconciled, resolve
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.charging import Quotas
from moa_scorer.scoring.concluding import Gathered, Turn, told_again, verdict_on
from moa_scorer.scoring.door import Door
from moa_scorer.scoring.escalate import SCOPE as ESCALATING
from moa_scorer.scoring.escalate import EscalateRequest, escalation, origin_of
from moa_scorer.scoring.flights import Flight, Flights, was_cut_short
from moa_scorer.scoring.gathering import Progress, Tell, cut_short, gathered_record, judges_budget
from moa_scorer.scoring.keeping import NO_MEMORY, Memory, kept
from moa_scorer.scoring.observing import with_shadows
from moa_scorer.scoring.once import Work, once
from moa_scorer.scoring.plan import Plan, make_plan
from moa_scorer.scoring.preparing import facts_for
from moa_scorer.scoring.recall import cache_key, holds_today, is_same_answer, is_to_remember, takes_remembered
from moa_scorer.scoring.saying import say_scored
from moa_scorer.scoring.shadow_panels import ShadowPanels
from moa_scorer.scoring.weights import Weights
from moa_scorer.telemetry import spans

Event = Plan | Ballot | Record
"""What a stream tells: the plan, each ballot followed by a provisional record, the final record."""


class Pipeline:
    """Scores items with the judges, rubrics and policies of one catalogue. Close it at the end.

    `catalog` may be replaced at any time: a request is finished by the one that it began with.
    """

    def __init__(self, catalog: Catalog, clock: Calendar, memory: Memory = NO_MEMORY) -> None:
        self.catalog = catalog
        self.clock = clock
        self.memory = memory
        self.quotas = Quotas()
        """What tenants may use; a server puts its own here before it is asked."""
        self.door = Door(clock)
        """What edges pass before they ask for work; a server narrows it."""
        self._flights = Flights()
        self._weights = Weights()
        self.shadow_panels = ShadowPanels(self.score, clock)
        self.witness: Callable[[Record], None] = unseen
        """Sees every answer, and takes no time."""

    def plan(self, request: ScoreRequest) -> Plan:
        """What would be asked of whom; raises NotFound, InvalidRequest or RulerMismatch."""
        return make_plan(request, self.catalog)

    def key(self, request: ScoreRequest) -> str:
        """Under what its answer is remembered; raises as `plan`."""
        return cache_key(self.plan(request))

    async def score(self, request: ScoreRequest, budget: Budget) -> Record:
        """Scores one item within the budget; raises what `once`, `plan` and `quotas` do, and cancellation."""

        async def work(claim: Claim | None) -> Record:
            turn, plan = self._turn(budget), self.plan(request)
            key = cache_key(plan)
            if (record := await self._recalled(key, plan, turn)) is not None:
                return await self._kept(key, record, turn, claim)
            async with self._collected(key, plan, turn) as record:
                return await self._kept(key, record, turn, claim)

        key = ClaimKey(tenant=request.tenant, scope=request.scope, request_id=request.request_id)
        async with self._counted(request, budget):
            return await self._once(key, request, budget, work)

    async def stream(
        self, request: ScoreRequest, budget: Budget, judged: Callable[[], None] = lambda: None
    ) -> AsyncGenerator[Event, None]:
        """The same, told as it happens; nothing is recalled. Closing the iterator stops the judges.

        `judged` is called when the judges are done, however slowly the iterator is read.
        """
        turn, plan = self._turn(budget), self.plan(request)
        async with (
            self._counted(request, budget),
            aclosing(self._told_as_it_happens(plan, turn, judged)) as told,
        ):
            async for event in told:
                yield event

    async def reconcile(self, request: ReconcileRequest, budget: Budget) -> Reconciled:
        """The verdict on ballots that the caller brings; raises what `resolve` raises, and cancellation."""
        turn, plan = self._turn(budget), resolve(request, self.catalog)
        async with self.quotas.item(request.tenant, turn.left):
            return await self._reconciled(request, plan, turn)

    async def escalate(self, request: EscalateRequest, budget: Budget) -> Record:
        """Buys what a record left unused and decides again; raises what `origin_of` and `escalation` do."""

        async def work(claim: Claim | None) -> Record:
            turn = self._turn(budget)
            origin = await origin_of(request, self.memory, budget, self.clock)
            plan, ballots = escalation(request, origin, self.catalog)
            record = replace(await self._asked(plan, turn, earlier=ballots), origin=origin.name)
            beside = with_shadows(record, turn, self._weights)
            record = await kept(beside, self.memory, budget, self.clock, claim)
            say_scored(record, record.elapsed, asked_before={ballot.judge for ballot in ballots})
            return record

        key = ClaimKey(tenant=request.tenant, scope=ESCALATING, request_id=request.request_id)
        async with self.quotas.item(request.tenant, budget.remaining(self.clock.monotonic())):
            return await self._once(key, request, budget, work)

    async def aclose(self) -> None:
        """Ends all work that outlived its request."""
        await self.shadow_panels.aclose()
        await self._flights.aclose()
        await self._weights.aclose()
        await self.quotas.aclose()

    def _turn(self, budget: Budget) -> Turn:
        return Turn.beginning(self.catalog, self.clock, budget)

    async def _once(
        self, key: ClaimKey, request: ScoreRequest | EscalateRequest, budget: Budget, work: Work
    ) -> Record:
        with spans.item() as span:
            record = await once(key, request, budget, self.memory, self.clock, work)
            spans.item_ended(span, record)
            return record

    async def _told_as_it_happens(
        self, plan: Plan, turn: Turn, judged: Callable[[], None]
    ) -> AsyncGenerator[Event, None]:
        told: asyncio.Queue[Event | None] = asyncio.Queue()
        told.put_nowait(plan)
        run = asyncio.create_task(self._asked(plan, turn, tell=told.put_nowait))
        run.add_done_callback(lambda _: judged())
        run.add_done_callback(lambda _: told.put_nowait(None))
        try:
            while (event := await told.get()) is not None:
                yield event
            yield await self._kept(cache_key(plan), replace(run.result(), cache=CacheUse.BYPASSED), turn)
        finally:
            run.cancel()
            await asyncio.wait({run})

    async def _reconciled(self, request: ReconcileRequest, plan: Brought, turn: Turn) -> Reconciled:
        ballots = unit_ballots(request.ballots, plan.snapshot)
        facts = await facts_for(plan)
        in_time = await self._weights.ready(plan, facts, ballots, turn.left)
        verdict = verdict_on(plan, Gathered(facts=facts, ballots=ballots, in_time=in_time), turn)
        ruling = rule_on(verdict, plan.policy, plan.floor, facts)
        return Reconciled(request=request, plan=plan.record(), facts=facts, verdict=verdict, ruling=ruling)

    @asynccontextmanager
    async def _counted(self, request: ScoreRequest, budget: Budget) -> AsyncIterator[None]:
        """One item of its tenant's quota; nobody asked for what a panel in the shadow says."""
        if request.shadow_of is not None:
            yield
            return
        async with self.quotas.item(request.tenant, budget.remaining(self.clock.monotonic())):
            yield

    async def _recalled(self, key: str, plan: Plan, turn: Turn) -> Record | None:
        """The answer from memory: the earlier record where it answers this request too, else one to keep."""
        if self.memory.cache is None or not takes_remembered(plan.request):
            return None
        first = await self.memory.cache.get(key)
        if first is None or not holds_today(first, turn.standing(plan)):
            return None
        again = told_again(first, plan, turn, CacheUse.HIT)
        return replace(again, name=first.name, origin=first.origin) if is_same_answer(first, again) else again

    @asynccontextmanager
    async def _collected(self, key: str, plan: Plan, turn: Turn) -> AsyncIterator[Record]:
        """The answer of a panel: of one that is at work on the item already, where there is one. Others may
        join it until the record of whoever has the bill is remembered."""
        if not takes_remembered(plan.request):
            yield replace(await self._asked(plan, turn), cache=_use(plan.request))
            return

        async def work(progress: Progress) -> Record:
            return await self._asked(plan, turn, progress)

        flight_key, again = f"{key} {plan.request.cost_ceiling}", False
        while True:
            async with self._flights.boarded(flight_key, turn, work, again=again) as flight:
                if (record := await self._told(flight, plan, turn)) is not None:
                    yield record
                    return
            again = True

    async def _told(self, flight: Flight, plan: Plan, turn: Turn) -> Record | None:
        """What a flight has come to when it lands or the budget ends; None = it was cut short, and this
        request has time for another."""
        record = await flight.landed(_patience(flight, turn))
        if record is None:
            return flight.told_early(await cut_short(plan, flight.progress, turn, self._weights), turn)
        if flight.ends_clearly_before(turn.budget) and was_cut_short(record):
            return None
        return flight.told(record, plan, turn)

    async def _asked(
        self,
        plan: Plan,
        turn: Turn,
        progress: Progress | None = None,
        tell: Tell | None = None,
        earlier: Sequence[Ballot] = (),
    ) -> Record:
        async with self.quotas.purse(plan, turn) as purse:
            return await gathered_record(
                plan, turn, self._weights, purse, progress or Progress(), tell, earlier
            )

    async def _kept(self, key: str, record: Record, turn: Turn, claim: Claim | None = None) -> Record:
        """The record on disk and, where it may be given again, in memory."""
        beside = record if record.name else with_shadows(record, turn, self._weights)
        record = await kept(beside, self.memory, turn.budget, self.clock, claim)
        self.shadow_panels.ask(record, turn.catalog.shadows)
        self.witness(record)
        say_scored(record, record.elapsed)
        if self.memory.cache is not None and is_to_remember(record):
            await self.memory.cache.put(key, record)
        return record


def unseen(record: Record) -> None:
    """Nobody watches."""


def _patience(flight: Flight, turn: Turn) -> float:
    """Seconds to wait for a flight: to the end where it ends first, else with time to conclude."""
    if flight.turn.budget.deadline <= turn.budget.deadline:
        return turn.left
    return judges_budget(turn).remaining(turn.clock.monotonic())


def _use(request: ScoreRequest) -> CacheUse:
    """Of a request that takes nothing remembered."""
    return CacheUse.BYPASSED if request.cache is CacheControl.NONE else CacheUse.MISS
