"""What a server that is killed has to show, each a figure beside its limit."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.figures import Figure, percentile
from tests.chaos.sent import Sent
from tests.chaos.storage.backfills import IN_FLIGHT, items_of_job, job_of_item
from tests.chaos.storage.inspection import Kept
from tests.chaos.storage.journal import (
    Asked,
    Cut,
    Ended,
    Journal,
    Killed,
    Looked,
    Ordered,
    Resumed,
    Told,
)

SLOWEST: Final = 30.0
"""Seconds until a server serves again."""
SLOWEST_START: Final = "the slowest start, seconds"
"""The only figure that depends on how busy the machine is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that is known at the end."""

    journal: Journal
    kept: Sequence[Kept]
    """Every record of the database."""
    results: Mapping[int, Sequence[Mapping[str, Any]]] = field(repr=False)
    """Number of a job -> the lines of its file of results."""
    a_job: int
    """Items of a job."""
    sent: Sequence[Sent] = field(repr=False)
    """Every call that the vendor saw."""
    late: int
    """Calls that it saw while answered items were asked about again."""
    damage: Sequence[str]
    """What the database says is wrong with itself."""


def figures(seen: Seen) -> list[Figure]:
    """Everything that is told, most of it judged."""
    return [
        *_told(seen),
        *_records(seen),
        *_jobs(seen),
        *_money(seen),
        *_calls(seen),
        _none("what the database's own check finds wrong", seen.damage),
        *_starting(seen),
    ]


def _told(seen: Seen) -> list[Figure]:
    asked = {event.item for event in seen.journal.of(Asked)}
    answers = defaultdict[int, set[tuple[str, float]]](set)
    for event in seen.journal.of(Told):
        answers[event.item].add((event.record, event.score))
    repeats = sum(event.again for event in seen.journal.of(Told))
    several = [item for item, told in answers.items() if len(told) > 1]
    return [
        Figure(
            name="items that were answered in the end",
            value=f"{len(answers):,}",
            limit=f"{len(asked):,}",
            ok=len(answers) == len(asked),
        ),
        _none(f"request ids with another answer, of {repeats:,} asked again", several),
    ]


def _records(seen: Seen) -> list[Figure]:
    """Records that were named, and what else is there."""
    named = {event.record: event for event in seen.journal.of(Told)}
    there = Counter(kept.record for kept in seen.kept)
    by_name = {kept.record: kept for kept in seen.kept}
    missing = [record for record in named if there[record] != 1]
    other = [
        record
        for record, event in named.items()
        if (kept := by_name.get(record)) and (kept.item, kept.score) != (event.item, event.score)
    ]
    looks = seen.journal.of(Looked)
    wrong = [f"{look.record} {look.outcome}" for look in looks if look.outcome != "SAME"]
    unseen = set(named) - {look.record for look in looks}
    return [
        _none(f"records named in an answer and not there once, of {len(named):,}", missing),
        _none("records that hold another item or score than was told", other),
        _none(f"replays that differ, of {len(looks):,}", wrong),
        _none("records named in an answer and never replayed", unseen),
        _none("items with two scored records", _twice(k.item for k in seen.kept if k.score is not None)),
    ]


def _jobs(seen: Seen) -> list[Figure]:
    ended = {event.number: event for event in seen.journal.of(Ended)}
    ordered = seen.journal.of(Ordered)
    whole = [job.number for job in ordered if _is_whole(seen, job.number)]
    aside, kills = sum(event.set_aside for event in seen.journal.of(Resumed)), len(seen.journal.of(Killed))
    return [
        Figure(
            name=f"backfills of {seen.a_job:,} items that ended, each item scored once",
            value=f"{len(whole):,}",
            limit=f"{len(ordered):,}, at least 1",
            ok=len(whole) == len(ordered) > 0,
        ),
        Figure(
            name="items of jobs set aside: three kills each, two of them while it was alone at work",
            value=f"{aside:,}",
            limit=f"<= {kills // 2:,}",
            ok=aside <= kills // 2,
        ),
        _none(
            "backfills whose books are not those of their records",
            [n for n, job in ended.items() if job.micro_usd != _billed(seen, n)],
        ),
    ]


def _is_whole(seen: Seen, number: int) -> bool:
    """Whether its results name every item once, each with a record of its own that is there."""
    wanted = [f"item-{item}" for item in items_of_job(number, seen.a_job)]
    lines = seen.results.get(number, ())
    named = [str(line.get("record")) for line in lines]
    there = [kept.record for kept in seen.kept if job_of_item(kept.item) == number]
    return [line.get("id") for line in lines] == wanted and sorted(named) == sorted(there)


def _billed(seen: Seen, number: int) -> int:
    return sum(kept.micro_usd for kept in seen.kept if job_of_item(kept.item) == number)


def _money(seen: Seen) -> list[Figure]:
    """Whether records pay for an item twice."""
    paid = Counter(kept.item for kept in seen.kept if kept.micro_usd > 0)
    total = sum(kept.micro_usd for kept in seen.kept)
    told = f"{len(paid):,}, for ${total / 1e6:.4f}"
    return [_none(f"items paid twice in the books, of {told}", [i for i, n in paid.items() if n > 1])]


def _calls(seen: Seen) -> list[Figure]:
    """Calls that were paid and came to nothing: only those that were at work when the server died."""
    calls = Counter((call.item, call.judge) for call in seen.sent)
    more = {key: n - 1 for key, n in calls.items() if n > 1}
    cuts = defaultdict[int, set[int]](set)
    for event in seen.journal.of(Cut):
        cuts[event.item].add(event.round)
    callers = {item: n for (item, _), n in more.items() if not job_of_item(item)}
    jobs = {item for item, _ in more if job_of_item(item)}
    kills = len(seen.journal.of(Killed))
    share = sum(more.values()) / len(calls) if calls else 0.0
    return [
        Figure(
            name=f"calls at the vendor beyond the first, of {len(calls):,} judges asked about an item",
            value=f"{sum(more.values()):,} ({share:.2%})",
        ),
        _none(
            f"items asked anew that no kill had cut off, of {len(callers):,}",
            [item for item, n in callers.items() if n > len(cuts[item])],
        ),
        Figure(
            name=f"items of jobs asked anew after {kills} kills",
            value=f"{len(jobs):,}",
            limit=f"<= {IN_FLIGHT * kills:,} at work",
            ok=len(jobs) <= IN_FLIGHT * kills,
        ),
        Figure(
            name="calls at the vendor while every answered item was asked about again",
            value=f"{seen.late:,}",
            limit="0",
            ok=seen.late == 0,
        ),
    ]


def _starting(seen: Seen) -> list[Figure]:
    rounds = seen.journal.of(Killed)
    seconds = [event.starting for event in rounds]
    slowest = max(seconds, default=0.0)
    cut = Counter(event.why for event in seen.journal.of(Cut))
    return [
        Figure(
            name="rounds", value=f"{len(rounds)}, {sum(e.workers > 1 for e in rounds)} with two processes"
        ),
        Figure(name="calls without an answer", value=", ".join(f"{w} {n:,}" for w, n in cut.most_common())),
        Figure(name="seconds until the server serves, median", value=f"{percentile(seconds, 0.5):.1f}"),
        Figure(name=SLOWEST_START, value=f"{slowest:.1f}", limit=f"<= {SLOWEST:.0f}", ok=slowest <= SLOWEST),
    ]


def _none(name: str, found: Iterable[object]) -> Figure:
    """A figure that has to be zero; what was found instead is shown, some of it."""
    listed = [str(each) for each in found]
    shown = f" ({', '.join(listed[:3])}{' …' if len(listed) > 3 else ''})" if listed else ""
    return Figure(name=name, value=f"{len(listed):,}{shown}", limit="0", ok=not listed)


def _twice(items: Iterable[int]) -> list[int]:
    return [item for item, count in Counter(items).items() if count > 1]
