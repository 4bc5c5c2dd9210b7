"""What the lines of a file say of an item, whatever their form, and how the lines of one item join."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import AbstentionReason, ScoreKind
from moa_scorer.learning.study.mistakes import Mistakes

Key = tuple[str, str]
"""(data set, item id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a judge said of one of its criteria."""

    score: float | None
    """As the judge gave it; None = no score."""
    reason: AbstentionReason = AbstentionReason.UNPARSEABLE
    """Why there is no score, where there is none."""
    kind: ScoreKind = ScoreKind.SINGLE
    scale: Scale | None = None
    """The scale that the file declares; None = it says nothing."""
    micro_usd: float | None = None
    """What the answer cost in millionths of a dollar; None = unknown."""
    seconds: float | None = None
    """What it took; None = unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What one person said of one criterion."""

    value: float
    """In [0, 1], higher is better; on the raters' own scale while that is not known."""
    rater: str = ""
    """Who; empty = not known."""
    saw_score: bool = False
    """Whether the product's score was known to the rater: such a rating is not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line, or all lines of an item that were read so far. An empty text means: not said."""

    at: str
    """File and line, for mistakes."""
    item: str
    dataset: str = ""
    group: str = ""
    system: str = ""
    content: str = ""
    context: str = ""
    kind: str = ""
    language: str = ""
    propensity: float | None = None
    audit: bool = False
    round: int | None = None
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Criterion -> (lowest, highest) rating, where the file says it."""
    ratings: Mapping[str, tuple[Rating, ...]] = field(default_factory=dict)
    """Criterion that was to be rated -> its ratings, which may be none."""
    answers: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    """(judge, the judge's criterion) -> answer; the empty criterion is an abstention from all of them."""

    @property
    def key(self) -> Key:
        return self.dataset, self.item


FACTS = ("group", "system", "content", "context", "kind", "language", "propensity", "round")
"""What all lines of an item must agree on, as far as they say it."""


def joined(entries: Iterable[Entry], mistakes: Mistakes) -> dict[Key, Entry]:
    """Item -> everything said of it, in the order of first mention; lines may stand in any other order.

    A line may repeat what others say, as tables do. One that is on the same answers and raters as another is
    a duplicate, and one that contradicts another is a mistake too.
    """
    found: dict[Key, _Joining] = {}
    for entry in entries:
        if entry.group == entry.item:  # what stands where nobody said
            entry = replace(entry, group="")
        known = found.get(entry.key)
        if known is None:
            found[entry.key] = _Joining(entry)
        else:
            known.add(entry, mistakes)
    return {key: known.settled() for key, known in found.items()}


Part = tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]
"""What a line is about: (judge, criterion) of its answers, and (criterion, rater) of its ratings."""


def _part(entry: Entry) -> Part:
    return frozenset(entry.answers), frozenset((c, r.rater) for c, own in entry.ratings.items() for r in own)


class _Joining:
    """The lines of one item so far."""

    def __init__(self, first: Entry) -> None:
        self._entry = first
        self._ratings = dict(first.ratings)
        self._answers = dict(first.answers)
        self._parts = {_part(first): first.at}

    def add(self, entry: Entry, mistakes: Mistakes) -> None:
        """Takes what the line adds; notes where it contradicts or repeats another."""
        before = len(mistakes.found)
        self._take_facts(entry, mistakes)
        self._take_answers(entry, mistakes)
        self._take_ratings(entry, mistakes)
        first = self._parts.setdefault(_part(entry), entry.at)
        if first != entry.at and len(mistakes.found) == before:
            mistakes.add(entry.at, f"says of item {entry.item} what {first} says already")

    def settled(self) -> Entry:
        """The whole, with named ratings in the order of their raters' names."""
        ratings = {c: tuple(sorted(own, key=lambda r: r.rater)) for c, own in self._ratings.items()}
        return replace(self._entry, ratings=ratings, answers=self._answers)

    def _take_facts(self, entry: Entry, mistakes: Mistakes) -> None:
        changes: dict[str, object] = {}
        for fact in FACTS:
            mine, other = getattr(self._entry, fact), getattr(entry, fact)
            if mine in ("", None):
                changes[fact] = other
            elif other not in ("", None) and other != mine:
                mistakes.add(entry.at, f"{fact} of item {entry.item} differs from that of {self._entry.at}")
        scales = {**entry.scales, **self._entry.scales}
        for criterion in entry.scales.keys() & self._entry.scales.keys():
            if entry.scales[criterion] != self._entry.scales[criterion]:
                mistakes.add(entry.at, f"{criterion} has another scale than in {self._entry.at}")
        changes["scales"] = scales
        self._entry = replace(self._entry, audit=self._entry.audit or entry.audit, **changes)  # type: ignore[arg-type]

    def _take_answers(self, entry: Entry, mistakes: Mistakes) -> None:
        for (judge, criterion), answer in entry.answers.items():
            if self._answers.setdefault((judge, criterion), answer) != answer:
                mistakes.add(
                    entry.at, f"{judge} has another score of {criterion} of item {entry.item} before"
                )

    def _take_ratings(self, entry: Entry, mistakes: Mistakes) -> None:
        for criterion, ratings in entry.ratings.items():
            known = self._ratings.get(criterion, ())
            added = _of_others(known, ratings) if known else ratings
            self._ratings[criterion] = (*known, *added)
            if any(r not in known and r not in added for r in ratings):
                mistakes.add(entry.at, f"{criterion} of item {entry.item} has another rating before: {NAMES}")


NAMES = "ratings of several people need a column with their names, or stand in one cell as 3;4"


def _of_others(known: tuple[Rating, ...], ratings: tuple[Rating, ...]) -> tuple[Rating, ...]:
    """The ratings of people who have not rated yet."""
    raters = {r.rater for r in known}
    return tuple(r for r in ratings if r.rater and r.rater not in raters)
