"""One item of a backfill, tried until it is settled: the same way through the contract as any call."""

import json
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from google.protobuf.json_format import MessageToDict

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.calls import whereabouts
from moa_scorer.contract.deadline import allowance
from moa_scorer.contract.limits import Limits
from moa_scorer.contract.money import total_usage
from moa_scorer.contract.translate import Asked, asked, response
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.errors import (
    BudgetTooSmall,
    InvalidRequest,
    MoaError,
    Overloaded,
    QuotaExceeded,
    RequestInProgress,
    StorageUnavailable,
)
from moa_scorer.domain.job import ItemState, Job, RetryClass, Settled
from moa_scorer.domain.job_order import Backfill
from moa_scorer.domain.money import NOTHING_USED, Usage
from moa_scorer.domain.priority import Priority
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.verdict import Unscored
from moa_scorer.pipelines.items import id_of, request_of
from moa_scorer.pipelines.rows import BadRow, Fields, Row
from moa_scorer.pipelines.wish import Stop
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.plan import Plan
from moa_scorer.telemetry import events

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds before an item is tried again: doubled up to the longest, each with a random part."""
PASSING: Final = frozenset(
    {
        AbstentionReason.TIMEOUT,
        AbstentionReason.RATE_LIMITED,
        AbstentionReason.PROVIDER_ERROR,
        AbstentionReason.CIRCUIT_OPEN,
    }
)
"""Why a judge may answer later what it does not answer now."""
QUOTA_LOOKS: Final = 60.0
"""Seconds after which a quota is looked at again, at most: it may be raised, or what was held comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An item that can be asked for."""

    row: Row
    id: str
    asked: Asked


class Attempts:
    """Tries the items of one backfill."""

    def __init__(self, job: Job, order: Backfill, pipeline: Pipeline, limits: Limits, stop: Stop) -> None:
        self._job = job
        self._order = order
        self._pipeline = pipeline
        self._limits = limits
        self._stop = stop
        self._random = Random()

    def ready(self, row: Row) -> Ready | Settled:
        """The item of a row, or its failure: what is wrong with it now will be wrong again."""
        fields: Fields = {}
        try:
            fields = row.parse()
            message = request_of(self._order, fields, row.at.index)
            wanted = asked(message, self._limits, scope=f"jobs/{self._job.name}")
        except (BadRow, InvalidRequest) as error:
            return failed(row, id_of(self._order, fields), RetryClass.PERMANENT, str(error), attempts=0)
        request = replace(wanted.request, tenant=self._job.tenant)
        return Ready(row=row, id=id_of(self._order, fields), asked=replace(wanted, request=request))

    def plan(self, item: Ready) -> Plan:
        """What would be asked of whom; raises what planning raises."""
        return self._pipeline.plan(item.asked.request)

    def most_cost(self, item: Ready) -> int:
        """The most that asking the judges once may cost, in micro-USD; 0 where planning fails."""
        try:
            return self.plan(item).estimate.micro_usd
        except MoaError:
            return 0

    async def settle(self, item: Ready) -> Settled | None:
        """What becomes of an item; None = a stop was asked for first."""
        pause, attempts, spent = FIRST_PAUSE, 0, NOTHING_USED
        while True:
            attempts += 1
            last = attempts >= self._order.attempts
            outcome = await self._try(item)
            if isinstance(outcome, Record):
                spent += paid(outcome)
                if last or not may_pass(outcome):
                    return answered(item, outcome, spent, attempts)
            elif is_waited_for(outcome):
                attempts -= 1
            elif isinstance(outcome, MoaError) and not isinstance(outcome, BudgetTooSmall):
                return failed(item.row, item.id, RetryClass.PERMANENT, str(outcome), attempts, spent)
            elif last:
                return _given_up(item, outcome, attempts, spent)
            if self._stop.wish is not None:
                return None
            await self._stop.rest(self._pause(outcome, pause))
            if self._stop.wish is not None:
                return None
            pause = min(2 * pause, LONGEST_PAUSE)

    def _pause(self, outcome: Record | Exception, pause: float) -> float:
        """Seconds before the next try: until the quota is new where that is used up."""
        if isinstance(outcome, QuotaExceeded) and outcome.retry_after is not None:
            events.job_out_of_quota(job=self._job.name, meter=outcome.meter, seconds=outcome.retry_after)
            pause = max(pause, min(outcome.retry_after, QUOTA_LOOKS))
        return pause * (0.5 + self._random.random())

    async def _try(self, item: Ready) -> Record | Exception:
        now = self._pipeline.clock.monotonic()
        default, request = self._limits.default_budget_seconds, item.asked.request
        try:
            budget = allowance(now, None, item.asked.latency_budget, default)
            async with self._pipeline.door.entered(request.tenant, Priority.BACKFILL, budget):
                return await self._pipeline.score(request, budget)
        except MoaError as error:
            return error
        except Exception as error:
            events.job_item_crashed(job=self._job.name, item=item.row.at.index, error=whereabouts(error))
            return error


def paid(record: Record) -> Usage:
    """What an answer cost: nothing, where the ballots are another's."""
    if record.cache in (CacheUse.HIT, CacheUse.SHARED):
        return NOTHING_USED
    return total_usage(record.verdict.ballots)


def is_waited_for(outcome: Record | Exception) -> bool:
    """Whether another try costs nobody anything, so that it is not counted."""
    if isinstance(outcome, QuotaExceeded):
        return outcome.retry_after is not None
    return isinstance(outcome, StorageUnavailable | RequestInProgress | Overloaded)


def may_pass(record: Record) -> bool:
    """Whether there is no score for reasons that go away by themselves."""
    outcome = record.verdict.outcome
    return isinstance(outcome, Unscored) and any(why.reason in PASSING for _, why in outcome.abstentions)


def answered(item: Ready, record: Record, spent: Usage, attempts: int) -> Settled:
    """An item that was served."""
    unscored = isinstance(record.verdict.outcome, Unscored)
    return Settled(
        index=item.row.at.index,
        line=item.row.at.line,
        id=item.id,
        state=ItemState.UNSCORED if unscored else ItemState.SCORED,
        attempts=attempts,
        record=record.name,
        answer=json.dumps(MessageToDict(response(record, pb.VIEW_SCORE)), ensure_ascii=False),
        calls=spent.calls,
        micro_usd=spent.micro_usd,
    )


def failed(
    row: Row, name: str, retry: RetryClass, reason: str, attempts: int = 1, spent: Usage = NOTHING_USED
) -> Settled:
    """An item that was not served."""
    return Settled(
        index=row.at.index,
        line=row.at.line,
        id=name,
        state=ItemState.FAILED if retry is RetryClass.PERMANENT else ItemState.SET_ASIDE,
        retry=retry,
        reason=reason,
        attempts=attempts,
        calls=spent.calls,
        micro_usd=spent.micro_usd,
    )


def _given_up(item: Ready, error: Exception, attempts: int, spent: Usage) -> Settled:
    if isinstance(error, MoaError):
        return failed(item.row, item.id, RetryClass.TRANSIENT, str(error), attempts, spent)
    reason = f"ran into a bug ({type(error).__name__}); see the log"
    return failed(item.row, item.id, RetryClass.POISON, reason, attempts, spent)
