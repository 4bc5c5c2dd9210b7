"""The same panel after the fact: which judges a record left unused, and the plan that buys them."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment
from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.errors import InvalidRequest, Precondition, StorageUnavailable, Violation
from moa_scorer.domain.money import NOTHING_USED
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import CacheControl, Retention
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import NO_RECORDS, Memory
from moa_scorer.scoring.plan import Plan, plan_of
from moa_scorer.scoring.sitting import NOTHING_TO_READ

SCOPE: Final = "EscalateRecord"
"""Within which a request id is unique."""
WORTH_ASKING: Final = frozenset(
    {
        AbstentionReason.TIMEOUT,
        AbstentionReason.RATE_LIMITED,
        AbstentionReason.PROVIDER_ERROR,
        AbstentionReason.CIRCUIT_OPEN,
        AbstentionReason.BUDGET,
        AbstentionReason.MODEL_MISSING,
        AbstentionReason.NOT_NEEDED,
        AbstentionReason.CANCELLED,
    }
)
"""Abstentions that say nothing of the content: another time the judge might answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRequest:
    """What a caller asks for of a record."""

    record: str
    """Its name, without the collection."""
    judges: tuple[str, ...] = ()
    """Names in the record's panel; empty = all that can be asked."""
    cost_ceiling: int | None = None
    """Millionths of a US dollar that asking may cost, >= 0; None = no ceiling."""
    tenant: Tenant = DEFAULT_TENANT
    request_id: str = ""
    """Makes a retry the same request; empty = every call is its own."""


async def origin_of(request: EscalateRequest, memory: Memory, budget: Budget, clock: Clock) -> Record:
    """The record, where it can be escalated; raises NotFound, Precondition, StorageUnavailable."""
    if memory.records is None:
        raise Precondition(f"records/{request.record}", NO_RECORDS)
    try:
        async with asyncio.timeout(budget.remaining(clock.monotonic())):
            record = await memory.records.get(request.tenant, request.record)
    except TimeoutError:
        raise StorageUnavailable("the record could not be read in time; try again") from None
    if record.request.retention is not Retention.FULL:
        raise Precondition(
            f"records/{record.name}", "its text was not kept: retention was not FULL; score it anew"
        )
    return record


def escalation(request: EscalateRequest, origin: Record, catalog: Catalog) -> tuple[Plan, tuple[Ballot, ...]]:
    """The plan that asks judges without a judgment, and the ballots that are kept.

    Panel, rubric and policy are the record's own, whatever the catalogue has under their names today; judges
    and snapshot are today's. Kept ballots cost nothing again. Every tier that is asked is asked at once.
    Raises InvalidRequest, NotFound for a judge that is gone, and Precondition where nobody is left to ask.
    """
    named = origin.plan
    asked = _to_ask(request, origin)
    kept = tuple(
        replace(ballot, usage=NOTHING_USED) for ballot in origin.verdict.ballots if ballot.judge not in asked
    )
    plan = plan_of(
        replace(
            origin.request,
            expected_ruler="",
            cost_ceiling=request.cost_ceiling,
            request_id=request.request_id,
            scope=SCOPE,
            cache=CacheControl.NONE,
            tenant=request.tenant,
            shadow_of=None,  # a caller's wish now, whatever it was: the caller's tenant pays
        ),
        catalog,
        panel=named.panel,
        rubric=named.rubric,
        policy=named.policy,
        kept={ballot.judge for ballot in kept},
    )
    then = {ballot.judge: named.judge_revisions.get(ballot.judge, "") for ballot in kept}
    return replace(plan, stopping=None, judge_revisions={**plan.judge_revisions, **then}), kept


def unused(record: Record) -> tuple[str, ...]:
    """Judges that gave no judgment and might, in panel order."""
    cast = {ballot.judge: ballot for ballot in record.verdict.ballots}
    return tuple(name for name in record.plan.panel.judges if _might_answer(cast.get(name)))


def _might_answer(ballot: Ballot | None) -> bool:
    if ballot is None or ballot.outcome == NOTHING_TO_READ:
        return True
    return isinstance(ballot.outcome, Abstention) and ballot.outcome.reason in WORTH_ASKING


def _to_ask(request: EscalateRequest, origin: Record) -> tuple[str, ...]:
    open_to = unused(origin)
    if violations := tuple(_strangers(request.judges, origin, open_to)):
        raise InvalidRequest(violations)
    if not open_to:
        raise Precondition(f"records/{origin.name}", "every judge has answered or cannot be asked")
    return tuple(name for name in open_to if not request.judges or name in request.judges)


def _strangers(wanted: Sequence[str], origin: Record, open_to: Collection[str]) -> Iterator[Violation]:
    outcomes = {ballot.judge: ballot.outcome for ballot in origin.verdict.ballots}
    for at, name in enumerate(wanted):
        if name not in origin.plan.panel.judges:
            yield Violation(f"judges[{at}]", f"must be a judge of panels/{origin.plan.panel.revision}")
        elif name not in open_to:
            answered = isinstance(outcomes.get(name), Judgment)
            why = "has given its judgment" if answered else "cannot judge this content"
            yield Violation(f"judges[{at}]", f"must be a judge that the record left unused; this one {why}")
