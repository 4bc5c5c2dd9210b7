"""Which records to rate next: what the audit drew first, then those of which a rating teaches most."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from moa_scorer.calibration.table import Array
from moa_scorer.domain.rating import RatingFilter, RatingStore, Stream
from moa_scorer.domain.record import Record
from moa_scorer.domain.stores import RecordFilter, RecordStore
from moa_scorer.domain.verdict import Scored
from moa_scorer.learning.planning.candidates import Candidate
from moa_scorer.learning.planning.known import Known, frame_of
from moa_scorer.learning.planning.plan import AUDIT, choose, usual_count
from moa_scorer.learning.study.stored import group_of

PAGE: Final = 200
MOST_UNRATED: Final = 2_000
"""Records that a plan chooses from: the newest."""
AUDIT_PART: Final = 0.5
MOST_READ: Final = 5_000
"""Records that are looked at for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a plan is asked for."""

    where: RecordFilter
    kind: str = ""
    """Kind of content; empty = any."""
    count: int | None = None
    """Records to choose, > 0; None = what a certificate lacks."""
    audit_part: float = AUDIT_PART
    """Part of them for the audit while audited records are unrated, in [0, 1]."""
    audit_share: float = 0.0
    """Probability with which a record was drawn for the audit, in [0, 1]; 0 = not known."""
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRecord:
    """One record to rate."""

    record: Record
    stream: Stream
    propensity: float
    """Probability in (0, 1] with which it was chosen."""
    why: str
    """In words, never for the rater."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlan:
    """What to rate next."""

    name: str
    """The same for the same choice of the same records."""
    chosen: tuple[PlannedRecord, ...]
    """Audits first."""
    unrated: int
    """Records that could have been chosen."""
    unrated_audits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The newest records, newest first."""

    unrated: tuple[Record, ...]
    rated: tuple[Record, ...]


async def plan_records(records: RecordStore, ratings: RatingStore, wish: Wish) -> RecordPlan:
    """The plan; the same for a seed and the same records. Raises StorageUnavailable.

    Nothing of a plan tells a rater what the judges said; the records themselves do.
    """
    seen = await _seen(records, ratings, wish)
    return await asyncio.to_thread(_plan, seen, wish)


async def _seen(records: RecordStore, ratings: RatingStore, wish: Wish) -> _Seen:
    unrated: list[Record] = []
    rated: list[Record] = []
    after, read = "", 0
    while len(unrated) < MOST_UNRATED and read < MOST_READ:
        page = await records.page(wish.where, PAGE, after, damaged=lambda _: None)
        names = tuple(record.name for record in page)
        where = RatingFilter(tenant=wish.where.tenant, records=names)
        known = await ratings.rated(where) if names else frozenset()
        for record in page:
            if wish.kind in ("", record.request.content.kind):
                (rated if record.name in known else unrated).append(record)
        if len(page) < PAGE:
            break
        after, read = names[-1], read + len(page)
    return _Seen(unrated=tuple(unrated[:MOST_UNRATED]), rated=tuple(rated))


def _plan(seen: _Seen, wish: Wish) -> RecordPlan:
    audits = [r for r in seen.unrated if r.audited]
    others = [r for r in seen.unrated if not r.audited]
    count = min(wish.count or usual_count(len(seen.rated)), len(seen.unrated))
    for_audit = min(len(audits), max(round(count * wish.audit_part), count - len(others)))
    chosen = (*_audits(audits, for_audit, wish), *_taught(others, seen, count - for_audit, wish))
    named = "\n".join([str(wish.seed), *(each.record.name for each in chosen)])
    return RecordPlan(
        name=f"plan-{hashlib.sha256(named.encode()).hexdigest()[:16]}",
        chosen=chosen,
        unrated=len(seen.unrated),
        unrated_audits=len(audits),
    )


def _audits(audits: Sequence[Record], count: int, wish: Wish) -> list[PlannedRecord]:
    """So many of the drawn ones, every one with the same chance."""
    if not count:
        return []
    rng = np.random.default_rng([wish.seed, 1])
    taken = np.sort(rng.choice(len(audits), count, replace=False))
    chance = (wish.audit_share or 1.0) * count / len(audits)
    return [PlannedRecord(record=audits[i], stream=Stream.AUDIT, propensity=chance, why=AUDIT) for i in taken]


def _taught(others: Sequence[Record], seen: _Seen, count: int, wish: Wish) -> list[PlannedRecord]:
    """So many of those that no audit drew, by how much a rating of each would teach."""
    count = min(count, len(others))
    if not count:
        return []
    known = _known(others, seen.rated)
    frame = frame_of(known, _widths(others) if seen.rated else None)
    by_name = {record.name: record for record in others}
    return [
        PlannedRecord(record=by_name[p.id], stream=Stream.PLAN, propensity=p.propensity, why=p.why)
        for p in choose(frame, count, share=0.0, seed=wish.seed)
    ]


def _known(others: Sequence[Record], rated: Sequence[Record]) -> Known:
    every = (*others, *rated)
    return Known(
        candidates=tuple(_candidate(record) for record in every),
        said={record.name: _said(record) for record in every},
        rated=dict.fromkeys((record.name for record in rated), 1),
    )


def _candidate(record: Record) -> Candidate:
    content = record.request.content
    return Candidate(
        dataset="",
        item=record.name,
        group=group_of(record),
        text=content.text,
        context=content.context,
        kind=content.kind,
        language=content.language,
    )


def _said(record: Record) -> dict[str, float]:
    return {
        f"{ballot.judge}/{criterion}": score.value
        for ballot in record.verdict.ballots
        for criterion, score in ballot.scores().items()
    }


def _widths(records: Sequence[Record]) -> Array:
    """Of the overall intervals; infinite without one."""
    return np.array([_width(record) for record in records])


def _width(record: Record) -> float:
    outcome = record.verdict.outcome
    interval = outcome.overall.interval if isinstance(outcome, Scored) else None
    return interval.upper - interval.lower if interval else np.inf
