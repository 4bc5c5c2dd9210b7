"""Tables of one's own -> entries: which column is what, wide (a column a judge) or long (a line a judge)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from moa_scorer.learning.study.cells import flag_of, number_of, parts_of, reason_of, text_of
from moa_scorer.learning.study.entries import Answer, Entry, Rating
from moa_scorer.learning.study.lines import name_of, propensity_of, round_of, scale_of, unit_rating
from moa_scorer.learning.study.mistakes import Mistakes, NotAStudy
from moa_scorer.learning.study.reading import Columns, Reading
from moa_scorer.learning.study.tables import Record

QUALITY = "quality"
"""The criterion of a table that names none."""
USUAL: Mapping[str, tuple[str, ...]] = {
    "item": ("item_id", "item", "id"),
    "group": ("group_id", "group"),
    "source": ("system_id", "system", "source"),
    "content": ("content", "text"),
    "context": ("context", "prompt"),
    "criterion": ("criterion", "dimension"),
    "rater": ("rater", "rater_id"),
    "saw_score": ("saw_score",),
    "propensity": ("propensity",),
    "audit": ("audit",),
    "round": ("round",),
    "judge": ("judge",),
    "score": ("score",),
    "dataset": ("dataset",),
    "kind": ("kind",),
    "language": ("language",),
    "low": ("human_min",),
    "high": ("human_max",),
    "cost": ("cost_micro_usd",),
    "seconds": ("seconds",),
}
"""What a column may hold -> the names that are tried where none is given."""
USUAL_RATINGS = ("rating", "ratings", "human")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A table's columns by what they hold."""

    places: Mapping[str, str]
    """Key of `USUAL` -> column; no entry = the table has none."""
    ratings: Mapping[str, tuple[str, ...]]
    """Criterion -> columns of its ratings, of several one a rater; the empty criterion is the line's."""
    judges: Mapping[str, tuple[str, str]]
    """Column -> (judge, its criterion); the empty criterion is that of the line."""
    criterion: str = QUALITY
    """The criterion of a line that names none."""

    def cell(self, record: Record, what: str) -> object:
        """The value of a column by what it holds; None where there is no such column."""
        column = self.places.get(what)
        return None if column is None else record.values.get(column)

    def where(self, record: Record, what: str) -> str:
        """File, line and column, for mistakes."""
        return f"{record.at}, column {self.places.get(what)}"


def layout_of(header: Sequence[str], columns: Columns, known: Collection[str], file: str) -> Layout:
    """Which of the columns is what; `known` are criteria that stand elsewhere, as in a file of ratings.

    Raises NotAStudy for a column that is named and not there, and for a table without items.
    """
    mistakes = [
        f"{file}: has no column {column}; there are {', '.join(header)}"
        for column in _named(columns)
        if column not in header
    ]
    places = {what: column for what in USUAL if (column := _place(what, header, columns))}
    if "item" not in places:
        mistakes.append(
            f"{file}: no column holds the item's id: "
            f"name it with --item COLUMN; there are {', '.join(header)}"
        )
    ratings = _rating_columns(header, columns, "criterion" in places)
    if columns.rater and any(len(own) > 1 for own in ratings.values()):
        mistakes.append(f"{file}: several columns of ratings are a rater each: leave out --rater")
    if "judge" in places and "score" not in places:
        mistakes.append(f"{file}: has a line a judge, and no column of scores: name it with --score COLUMN")
    if mistakes:
        raise NotAStudy(*mistakes)
    criteria = dict.fromkeys((*(c for c in ratings if c), *known))
    ends = dict.fromkeys((*criteria, *_rated_by_name(header)))
    return Layout(
        places=places,
        ratings=ratings,
        judges=_judge_columns(header, columns, list(ends)),
        criterion=next(iter(criteria)) if len(criteria) == 1 else QUALITY,
    )


def entry_of_record(record: Record, layout: Layout, reading: Reading, mistakes: Mistakes) -> Entry | None:
    """A line of a table; None for one without an item's id, which is noted."""
    item = text_of(layout.cell(record, "item"))
    if not item:
        mistakes.add(layout.where(record, "item"), "the item's id is missing")
        return None
    facts = {w: text_of(layout.cell(record, w)) for w in ("group", "content", "context", "kind", "language")}
    scale = reading.rating_scale or _scale(record, layout, mistakes)
    criterion = text_of(layout.cell(record, "criterion")) or layout.criterion
    return Entry(
        at=record.at,
        item=item,
        dataset=text_of(layout.cell(record, "dataset")),
        system=text_of(layout.cell(record, "source")),
        propensity=propensity_of(
            layout.cell(record, "propensity"), layout.where(record, "propensity"), mistakes
        ),
        audit=flag_of(layout.cell(record, "audit"), layout.where(record, "audit"), mistakes),
        round=round_of(layout.cell(record, "round"), layout.where(record, "round"), mistakes),
        scales={} if scale is None else {c or criterion: scale for c in layout.ratings},
        ratings={
            c or criterion: _ratings(record, own, layout, scale, mistakes)
            for c, own in layout.ratings.items()
        },
        answers=dict(_answers(record, layout, criterion, mistakes)),
        **facts,
    )


def _named(columns: Columns) -> list[str]:
    """Every column that somebody named."""
    single = [getattr(columns, what) for what in USUAL if hasattr(columns, what)]
    return [
        c for c in (*single, *(r.rpartition("=")[2] for r in columns.ratings), *columns.judges.values()) if c
    ]


def _place(what: str, header: Sequence[str], columns: Columns) -> str:
    named: str = getattr(columns, what, "")
    return named or next((usual for usual in USUAL[what] if usual in header), "")


def _rating_columns(header: Sequence[str], columns: Columns, by_line: bool) -> dict[str, tuple[str, ...]]:
    """Criterion -> columns; what is named, else `rating.CRITERION`, else the first usual name."""
    if columns.ratings:
        found: dict[str, tuple[str, ...]] = {}
        for criterion, _, column in (r.rpartition("=") for r in dict.fromkeys(columns.ratings)):
            own = criterion or _own(column)
            found[own] = (*found.get(own, ()), column)
        return found
    named = _rated_by_name(header)
    if named and not by_line:
        return named
    plain = next((usual for usual in USUAL_RATINGS if usual in header), None)
    return {} if plain is None else {"": (plain,)}


def _rated_by_name(header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Criterion -> column, of columns called `rating.CRITERION`."""
    return {_own(column): (column,) for column in header if _own(column)}


def _own(column: str) -> str:
    """The criterion in a column's name; empty where there is none."""
    usual, _, criterion = column.partition(".")
    return criterion if usual in USUAL_RATINGS else ""


def _judge_columns(
    header: Sequence[str], columns: Columns, criteria: Sequence[str]
) -> dict[str, tuple[str, str]]:
    found = {column: _judge_and_criterion(name, criteria) for name, column in columns.judges.items()}
    before, _, behind = columns.judge_pattern.partition("*")
    for column in header:
        name = column.removeprefix(before).removesuffix(behind)
        if column not in found and name and column == f"{before}{name}{behind}":
            found[column] = _judge_and_criterion(name, criteria)
    return found


def _judge_and_criterion(name: str, criteria: Sequence[str]) -> tuple[str, str]:
    """`judge.criterion` apart, where the end is a known criterion: names of judges hold points themselves."""
    for criterion in sorted(criteria, key=len, reverse=True):
        if name.endswith((f".{criterion}", f"/{criterion}")) and len(name) > len(criterion) + 1:
            return name_of(name[: -len(criterion) - 1]), criterion
    return name_of(name), ""


def _scale(record: Record, layout: Layout, mistakes: Mistakes) -> tuple[float, float] | None:
    ends = [layout.cell(record, "low"), layout.cell(record, "high")]
    return None if None in ends else scale_of(ends, layout.where(record, "low"), mistakes)


def _ratings(
    record: Record,
    columns: tuple[str, ...],
    layout: Layout,
    scale: tuple[float, float] | None,
    mistakes: Mistakes,
) -> tuple[Rating, ...]:
    """The ratings of a line; of several columns each is a rater, called by its name."""
    if len(columns) == 1:
        raters = [text_of(n) for n in parts_of(layout.cell(record, "rater"))]
        return _of_column(record, columns[0], raters, layout, scale, mistakes)
    return tuple(r for c in columns for r in _of_column(record, c, [c], layout, scale, mistakes))


def _of_column(
    record: Record,
    column: str,
    raters: list[str],
    layout: Layout,
    scale: tuple[float, float] | None,
    mistakes: Mistakes,
) -> tuple[Rating, ...]:
    where = f"{record.at}, column {column}"
    values = [number_of(v, where, mistakes) for v in parts_of(record.values.get(column))]
    names = raters or [""] * len(values)
    if values and len(names) != len(values):
        mistakes.add(where, f"holds {len(values)} ratings of {len(names)} raters")
        return ()
    if twice := sorted({n for n in names if n and names.count(n) > 1}):
        mistakes.add(where, f"{', '.join(twice)} rated the item twice")
    saw = flag_of(layout.cell(record, "saw_score"), layout.where(record, "saw_score"), mistakes)
    units = [None if v is None else unit_rating(v, scale, where, mistakes) for v in values]
    return tuple(
        Rating(value=unit, rater=name, saw_score=saw)
        for unit, name in zip(units, names, strict=False)
        if unit is not None
    )


def _answers(
    record: Record, layout: Layout, criterion: str, mistakes: Mistakes
) -> list[tuple[tuple[str, str], Answer]]:
    found = [
        (
            (judge, own or criterion),
            _answer(record.values.get(column), f"{record.at}, column {column}", mistakes),
        )
        for column, (judge, own) in layout.judges.items()
    ]
    judge = text_of(layout.cell(record, "judge"))
    if judge:
        found.append(((name_of(judge), criterion), _long_answer(record, layout, mistakes)))
    return found


def _long_answer(record: Record, layout: Layout, mistakes: Mistakes) -> Answer:
    cost, seconds = (
        number_of(layout.cell(record, what), layout.where(record, what), mistakes)
        for what in ("cost", "seconds")
    )
    score = _answer(layout.cell(record, "score"), layout.where(record, "score"), mistakes)
    return replace(score, micro_usd=cost, seconds=seconds)


def _answer(cell: object, where: str, mistakes: Mistakes) -> Answer:
    reason = reason_of(cell)
    if reason is not None:
        return Answer(score=None, reason=reason)
    return Answer(score=number_of(cell, where, mistakes))
