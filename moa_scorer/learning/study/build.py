"""Entries -> studies: which criteria belong together, what is on a common scale, what is left out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import AbstentionReason, ScoreKind
from moa_scorer.learning.study.entries import Entry, Key, Rating
from moa_scorer.learning.study.mistakes import NotAStudy
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.reading import Reading
from moa_scorer.learning.study.rows import BallotRow
from moa_scorer.learning.study.scales import common, judge_scales, outside, rating_scales, seen_rating_scale
from moa_scorer.learning.study.study import Study

TOGETHER = 0.5
"""Share of the items of either that two criteria must have in common to be of one study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The entries of one study, its ratings in [0, 1]."""

    name: str
    criteria: tuple[str, ...]
    entries: Mapping[Key, Entry]
    scales: Sequence[tuple[float, float]]
    """Of the raters; one for each that a criterion was rated on."""
    notes: tuple[str, ...] = ()


def studies_of(
    entries: Mapping[Key, Entry],
    reading: Reading,
    *,
    file: str,
    digests: Mapping[str, str],
    notes: tuple[str, ...] = (),
) -> tuple[Study, ...]:
    """The studies of a file, in its order; `file` is the name of those that have no other."""
    _check_wanted(entries.values(), reading)
    wanted = {key: _wanted(entry, reading) for key, entry in entries.items()}
    clean, seen = _without_seen(
        {key: e for key, e in wanted.items() if e.ratings or not entries[key].ratings}
    )
    together = _together(clean)
    name = reading.name or next((e.dataset for e in clean.values() if e.dataset), file)
    found = []
    for criteria in together:
        part = _part(name if len(together) == 1 else f"{name}-{criteria[0]}", criteria, clean)
        found.append(_study(replace(part, notes=(*notes, *seen, *part.notes)), reading, digests))
    return tuple(found)


def _check_wanted(entries: Iterable[Entry], reading: Reading) -> None:
    """Raises NotAStudy where no judge, or no criterion, is one that is to be read."""
    judges = dict.fromkeys(judge for e in entries for judge, _ in e.answers)
    criteria = dict.fromkeys(c for e in entries for c in e.ratings)
    for what, globs, there, wants in (
        ("judge", reading.judges, judges, reading.wants_judge),
        ("criterion", reading.criteria, criteria, reading.wants_criterion),
    ):
        if there and not any(map(wants, there)):
            raise NotAStudy(f"no {what} fits {', '.join(globs)}; there are {', '.join(there)}")


def _wanted(entry: Entry, reading: Reading) -> Entry:
    """The judges and criteria that are to be read, under names that a rubric can hold."""
    return replace(
        entry,
        ratings={_criterion(c): r for c, r in entry.ratings.items() if reading.wants_criterion(c)},
        answers={(j, _criterion(c)): a for (j, c), a in entry.answers.items() if reading.wants_judge(j)},
    )


def _criterion(name: str) -> str:
    """`overall` is the name of the criteria's weighted mean."""
    return f"{OVERALL}_rating" if name == OVERALL else name


def _without_seen(entries: Mapping[Key, Entry]) -> tuple[dict[Key, Entry], tuple[str, ...]]:
    """Without the ratings of people who knew the product's score, and a word on how many they were."""
    clean = {
        key: replace(e, ratings={c: tuple(r for r in own if not r.saw_score) for c, own in e.ratings.items()})
        for key, e in entries.items()
    }
    gone = _count(entries.values()) - _count(clean.values())
    if not gone:
        return clean, ()
    return clean, (f"ratings that are not used, as their raters had seen a score: {gone}",)


def _count(entries: Iterable[Entry]) -> int:
    return sum(len(own) for e in entries for own in e.ratings.values())


def _together(entries: Mapping[Key, Entry]) -> list[tuple[str, ...]]:
    """Criteria that were rated on much the same items; without any rating all that the judges answer."""
    items: dict[str, set[Key]] = defaultdict(set)
    rated: set[str] = set()
    for key, entry in entries.items():
        for criterion, ratings in entry.ratings.items():
            items[criterion].add(key)
            rated |= {criterion} if ratings else set()
    if not rated:
        return [tuple(dict.fromkeys(c for e in entries.values() for _, c in e.answers if c))]
    found: list[list[str]] = []
    for criterion in (c for c in items if c in rated):
        near = (own for own in found if _overlap(items[own[0]], items[criterion]) >= TOGETHER)
        own = next(near, None)
        if own is None:
            found.append([criterion])
        else:
            own.append(criterion)
    return [tuple(own) for own in found]


def _overlap(one: set[Key], other: set[Key]) -> float:
    return len(one & other) / len(one | other)


def _part(name: str, criteria: tuple[str, ...], entries: Mapping[Key, Entry]) -> _Part:
    """The entries of some criteria; what nobody was to rate at all belongs to every part."""
    own = {
        key: replace(e, ratings={c: e.ratings[c] for c in criteria if c in e.ratings})
        for key, e in entries.items()
        if not e.ratings or any(c in e.ratings for c in criteria)
    }
    said = rating_scales(own.values())
    if said:
        return _Part(name=name, criteria=criteria, entries=own, scales=said)
    low, high = seen_rating_scale(r.value for e in own.values() for rs in e.ratings.values() for r in rs)
    unit = {
        key: replace(e, ratings={c: tuple(_unit(r, low, high) for r in rs) for c, rs in e.ratings.items()})
        for key, e in own.items()
    }
    note = (
        f"the raters' scale is taken as {low:g} to {high:g}, as the ratings look: say --rating-scale LOW:HIGH"
    )
    return _Part(name=name, criteria=criteria, entries=unit, scales=[(low, high)], notes=(note,))


def _unit(rating: Rating, low: float, high: float) -> Rating:
    return replace(rating, value=(rating.value - low) / (high - low))


def _study(part: _Part, reading: Reading, digests: Mapping[str, str]) -> Study:
    entries = part.entries
    scales, doubts = judge_scales(entries.values(), reading, part.scales)
    judges = tuple(j for j in dict.fromkeys(j for e in entries.values() for j, _ in e.answers) if j in scales)
    kinds = sorted({e.kind for e in entries.values() if e.kind})
    kind = reading.kind or next(iter(kinds), part.name)
    items = {_id(e, part.name): _item(e, part, kind) for e in entries.values()}
    complete = tuple(i for i in items.values() if all(i.ratings.get(c) for c in part.criteria))
    waiting = tuple(i for i in items.values() if not all(i.ratings.get(c) for c in part.criteria))
    return Study(
        name=part.name,
        items=complete,
        unrated=waiting,
        rows={_id(e, part.name): _rows(_id(e, part.name), e, scales) for e in entries.values()},
        judges=judges,
        criteria=part.criteria,
        scales={j: scales[j] for j in judges},
        rating_scale=common(part.scales),
        kind=kind,
        language=_language(entries.values(), reading),
        micro_usd=_means(entries.values(), "micro_usd") | dict(reading.micro_usd),
        seconds=_means(entries.values(), "seconds"),
        digests=digests,
        notes=(
            *part.notes,
            *_of_kinds(kinds, reading),
            *doubts,
            *_notes(entries.values(), scales, len(waiting)),
        ),
    )


def _of_kinds(kinds: Sequence[str], reading: Reading) -> list[str]:
    if len(kinds) < 2 or reading.kind:
        return []
    return [
        f"items are of several kinds ({', '.join(kinds)}), and taken as one: choose with --where kind=KIND"
    ]


def _notes(entries: Iterable[Entry], scales: Mapping[str, Scale], waiting: int) -> list[str]:
    found = [f"items that lack a rating of a criterion, and are left out: {waiting}"] if waiting else []
    for judge, count in outside(entries, scales).items():
        low, high = scales[judge].low, scales[judge].high
        found.append(f"scores of {judge} outside {low:g} to {high:g}, which count as abstentions: {count}")
    return found


def _id(entry: Entry, name: str) -> str:
    return f"{entry.dataset or name}/{entry.item}"


def _item(entry: Entry, part: _Part, kind: str) -> RatedItem:
    low, high = common(sorted(set(entry.scales.values())) or part.scales)
    ratings = {c: own for c, own in entry.ratings.items() if own}
    return RatedItem(
        dataset=entry.dataset or part.name,
        id=_id(entry, part.name),
        group=f"{entry.dataset or part.name}/{entry.group or entry.item}",
        system=entry.system,
        kind=kind,
        text=entry.content,
        context=entry.context,
        ratings={c: tuple(r.value for r in own) for c, own in ratings.items()},
        low=low,
        high=high,
        raters={c: tuple(r.rater for r in own) for c, own in ratings.items() if all(r.rater for r in own)},
        propensity=1.0 if entry.propensity is None else entry.propensity,
        audit=entry.audit,
        round=entry.round or 1,
    )


def _rows(item: str, entry: Entry, scales: Mapping[str, Scale]) -> dict[str, BallotRow]:
    answers: dict[str, list[str]] = defaultdict(list)
    for judge, criterion in entry.answers:
        answers[judge].append(criterion)
    return {j: _row(item, j, criteria, entry, scales[j]) for j, criteria in answers.items() if j in scales}


def _row(item: str, judge: str, criteria: Sequence[str], entry: Entry, scale: Scale) -> BallotRow:
    scores: dict[str, float] = {}
    kinds: dict[str, ScoreKind] = {}
    abstained: dict[str, AbstentionReason] = {}
    for criterion in criteria:
        answer = entry.answers[judge, criterion]
        unit = None if answer.score is None else scale.to_unit(answer.score)
        if unit is None:
            abstained[criterion] = answer.reason
            continue
        scores[criterion] = unit
        if answer.kind is not ScoreKind.SINGLE:
            kinds[criterion] = answer.kind
    return BallotRow(item=item, judge=judge, revision="", scores=scores, kinds=kinds, abstained=abstained)


def _language(entries: Iterable[Entry], reading: Reading) -> str:
    """The one language of all texts; empty where there are several or nobody said."""
    found = {e.language for e in entries}
    return reading.language or (found.pop() if len(found) == 1 else "")


def _means(entries: Iterable[Entry], what: str) -> dict[str, float]:
    """Judge -> mean over its items of what its answers took together, where they say."""
    sums: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        of_item: dict[str, float] = defaultdict(float)
        for (judge, _), answer in entry.answers.items():
            value = getattr(answer, what)
            if value is not None:
                of_item[judge] += value
        for judge, value in of_item.items():
            sums[judge].append(value)
    return {judge: sum(own) / len(own) for judge, own in sums.items()}
