"""Records and the ratings that came back -> a study: what a fit and a gate on a server's own data read."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from moa_scorer.domain.content_digest import content_digest
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rating import WHOLE, Rating, RatingFilter, RatingStore, Stream
from moa_scorer.domain.record import Record
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.source import source_of
from moa_scorer.domain.stores import RecordFilter, RecordStore
from moa_scorer.domain.verdict import Decision
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import BallotRow, row_of
from moa_scorer.learning.study.study import Study

DATASET = "records"
"""Where all these items come from."""
CHUNK = 500
"""Records that are asked for at a time."""
LEAST_CHANCE = 0.01
"""Lower estimated chances than this are taken for it: no item weighs more than a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedRecord:
    """A record with every rating of it, in the order in which they were received."""

    record: Record
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Which records a study is made of, and of what judges."""

    rubric: Rubric
    panel: Panel
    kind: str
    language: str = ""
    revisions: Mapping[str, str]
    """Judge -> the revision that it has now; ballots of another one are not of this judge."""


async def rated_records(
    records: RecordStore, ratings: RatingStore, where: RatingFilter
) -> tuple[RatedRecord, ...]:
    """Records with such ratings, oldest first; damaged ones are left out. Raises StorageUnavailable."""
    found: dict[str, list[Rating]] = {}
    async for rating in ratings.scan(where):
        found.setdefault(rating.record, []).append(rating)
    names = sorted(found)
    chunks = [tuple(names[at : at + CHUNK]) for at in range(0, len(names), CHUNK)]
    return tuple(
        [
            RatedRecord(record=record, ratings=tuple(found[record.name]))
            for chunk in chunks
            async for record in records.scan(
                RecordFilter(tenant=where.tenant, names=chunk), damaged=lambda _: None
            )
        ]
    )


async def decided(records: RecordStore, where: RecordFilter) -> Mapping[Decision, int]:
    """Decision -> how many records have it: what those rated were picked from."""
    return {each: await records.count(replace(where, decision=each)) for each in Decision}


def study_of(rated: Sequence[RatedRecord], aim: Aim, frame: Mapping[Decision, int]) -> Study:
    """The study of these records: audits marked, everything else with the chance that it was chosen.

    Ratings by people who saw the score are left out; of a rater's several ratings the last one holds. An
    audited record whose rating is not of the audit stream is left out, and so is a text of the audit that
    came in again: a fit must not see it. Where no chance is known it is the share of the records of the same
    decision that are rated, by `frame`.
    """
    usable = [(r, votes) for r in rated if (votes := _votes(r, aim.rubric))]
    kept, notes = _without_leaks(usable)
    rounds = {plan: n for n, plan in enumerate(dict.fromkeys(_stream(r) for r, _ in kept), start=1)}
    shares = _shares((r for r, _ in kept), frame)
    items = [_item(r, votes, aim, rounds[_stream(r)], shares) for r, votes in kept]
    rows = {f"{DATASET}/{r.record.name}": _rows(r.record, aim) for r, _ in kept}
    judges = {judge for own in rows.values() for judge in own}
    return Study(
        name=f"{aim.rubric.name}.{aim.kind}.{aim.panel.name}",
        items=tuple(items),
        rows=rows,
        judges=tuple(j for j in aim.panel.judges if j in judges),
        criteria=tuple(c.name for c in aim.rubric.criteria),
        rating_scale=(aim.rubric.scale_min, aim.rubric.scale_max),
        kind=aim.kind,
        language=aim.language,
        digests={"ratings": _digest(kept)},
        notes=(*_left_out(rated, usable, aim), *notes),
    )


def group_of(record: Record) -> str:
    """What the item belongs to: its source document or prompt, else the text itself."""
    content = record.request.content
    if not content.text:
        return content.id or record.name
    return hashlib.sha256((content.context or content.text).encode()).hexdigest()[:16]


def rows_of(record: Record) -> dict[str, BallotRow]:
    """Judge -> what it said, under the revision that the record names."""
    item = f"{DATASET}/{record.name}"
    revisions = record.plan.judge_revisions
    return {b.judge: row_of(item, b, revisions.get(b.judge, "")) for b in record.verdict.ballots}


def _rows(record: Record, aim: Aim) -> dict[str, BallotRow]:
    """Those of judges that are still the same."""
    found = rows_of(record)
    return {judge: r for judge, r in found.items() if r.revision == aim.revisions.get(judge, r.revision)}


Votes = Mapping[str, Mapping[str, Rating]]
"""Criterion -> rater -> the last rating; every criterion of the rubric, each by at least one."""


def _votes(rated: RatedRecord, rubric: Rubric) -> Votes:
    """What may be learnt from, or nothing: of an audited record only what the audit brought."""
    wanted = [Stream.AUDIT] if rated.record.audited else [s for s in Stream if s is not Stream.AUDIT]
    names = [c.name for c in rubric.criteria]
    found: dict[str, dict[str, Rating]] = {name: {} for name in names}
    for rating in rated.ratings:
        criterion = names[0] if len(names) == 1 and rating.criterion == WHOLE else rating.criterion
        if rating.stream in wanted and not rating.saw_score and criterion in found:
            found[criterion][rating.rater] = rating
    return found if all(found.values()) else {}


def _without_leaks(
    usable: Sequence[tuple[RatedRecord, Votes]],
) -> tuple[list[tuple[RatedRecord, Votes]], tuple[str, ...]]:
    audited = {content_digest(r.record.request.content) for r, _ in usable if r.record.audited}
    kept = [
        (r, votes)
        for r, votes in usable
        if r.record.audited or content_digest(r.record.request.content) not in audited
    ]
    again = len(usable) - len(kept)
    return kept, (f"{again} records hold a text of the audit and are not fitted on",) if again else ()


def _stream(rated: RatedRecord) -> tuple[Stream, str]:
    """Chances compare within one of these: the plan that chose the record, else how it came to be rated."""
    if rated.record.audited:
        return Stream.AUDIT, ""
    found = {(rating.stream, rating.plan) for rating in rated.ratings if not rating.saw_score}
    planned = sorted(each for each in found if each[0] is Stream.PLAN)
    return planned[-1] if planned else max(found)


def _shares(rated: Iterable[RatedRecord], frame: Mapping[Decision, int]) -> Mapping[Decision, float]:
    """Decision -> share of the records of that decision that are rated, outside the audit."""
    counts = Counter(r.record.ruling.decision for r in rated if not r.record.audited)
    return {
        decision: min(1.0, max(LEAST_CHANCE, rated_ / max(frame.get(decision, 0), rated_)))
        for decision, rated_ in counts.items()
    }


def _item(
    rated: RatedRecord, votes: Votes, aim: Aim, round_: int, shares: Mapping[Decision, float]
) -> RatedItem:
    record = rated.record
    content = record.request.content
    known = [r.propensity for own in votes.values() for r in own.values() if r.propensity is not None]
    chance = max(known, default=shares.get(record.ruling.decision, 1.0))
    return RatedItem(
        dataset=DATASET,
        id=f"{DATASET}/{record.name}",
        group=f"{DATASET}/{group_of(record)}",
        system=source_of(record.request.tenant, record.request.tags, content),
        kind=aim.kind,
        text=content.text,
        context=content.context,
        ratings={c: tuple(r.value for r in own.values()) for c, own in votes.items()},
        raters={c: tuple(own) for c, own in votes.items()},
        low=aim.rubric.scale_min,
        high=aim.rubric.scale_max,
        propensity=1.0 if record.audited else chance,
        audit=record.audited,
        round=round_,
        measures=dict(record.facts.measures) or None,
    )


def _left_out(
    rated: Sequence[RatedRecord], usable: Sequence[tuple[RatedRecord, Votes]], aim: Aim
) -> Iterator[str]:
    """What was rated and is of no use, in sentences."""
    kept = {r.record.name for r, _ in usable}
    others = [r for r in rated if r.record.name not in kept]
    seen = sum(any(rating.saw_score for rating in r.ratings) for r in others)
    picked = sum(r.record.audited and all(g.stream is not Stream.AUDIT for g in r.ratings) for r in others)
    if seen:
        yield f"{seen} records were rated by people who saw the score"
    if picked:
        yield f"{picked} records of the audit were rated for another reason"
    if left := len(others) - seen - picked:
        criteria = ", ".join(c.name for c in aim.rubric.criteria)
        yield f"{left} records lack a rating of every criterion: {criteria}"
    stale = sum(len(rows_of(r.record)) > len(_rows(r.record, aim)) for r, _ in usable)
    if stale:
        yield f"{stale} records hold ballots of judges that have changed since: those ballots are left out"


def _digest(kept: Sequence[tuple[RatedRecord, Votes]]) -> str:
    """sha256 of the ratings that are used."""
    used = (rating for _, votes in kept for own in votes.values() for rating in own.values())
    lines = sorted(f"{rating.id}\t{rating.value!r}" for rating in used)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
