"""What the options of a command say of a study file, parsed."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.study.options import StudyOptions, TableOptions
from moa_scorer.calibration.table import Scale
from moa_scorer.learning.study.reading import Columns, Reading


def reading_of(options: StudyOptions) -> Reading:
    """The reading that the options ask for; a value that is not of its form ends the command."""
    return Reading(
        columns=_columns(options),
        scales={judge: _judge_scale(ends) for judge, ends in _pairs(options.scale, "--scale")},
        rating_scale=_rating_scale(options.rating_scale),
        name=options.name,
        kind=options.kind,
        language=options.language,
        judges=_globs(options.judges),
        criteria=_globs(options.criteria),
        where=tuple(_pairs(options.where, "--where")),
        ratings=options.ratings,
        micro_usd={judge: _cost(cost) for judge, cost in _pairs(options.cost, "--cost")},
    )


def columns_of(options: TableOptions) -> Columns:
    """Where a table's judges are, by the options; a value that is not of its form ends the command."""
    return _columns(StudyOptions(**{f.name: getattr(options, f.name) for f in fields(options)}))


def _columns(options: StudyOptions) -> Columns:
    if options.judge_columns.count("*") != 1:
        fail("--judge-columns: one * should stand for the judge's name, as in 'score_*'", Exit.USAGE)
    return Columns(
        item=options.item,
        group=options.group,
        source=options.source,
        content=options.content,
        context=options.context,
        criterion=options.criterion,
        ratings=tuple(options.rating or ()),
        rater=options.rater,
        saw_score=options.saw_score,
        propensity=options.propensity,
        audit=options.audit,
        judge=options.judge,
        score=options.score,
        judges=dict(_pairs(options.judge_column, "--judge-column")),
        judge_pattern=options.judge_columns,
    )


def _pairs(given: Sequence[str] | None, option: str) -> Iterator[tuple[str, str]]:
    """NAME and VALUE of each NAME=VALUE; the last `=` divides, as names of models may hold some."""
    for pair in given or ():
        name, _, value = pair.rpartition("=")
        if not name or not value:
            fail(f"{option}: {pair!r} should be NAME=VALUE", Exit.USAGE)
        yield name, value


def _judge_scale(ends: str) -> Scale:
    low, high = _ends(ends, "--scale")
    return Scale(low=low, high=high)


def _rating_scale(ends: str) -> tuple[float, float] | None:
    if not ends:
        return None
    low, high = _ends(ends, "--rating-scale")
    if low > high:
        fail(f"--rating-scale: {low:g} should lie below {high:g}; it is 'lowest:highest'", Exit.USAGE)
    return low, high


def _ends(given: str, option: str) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in given.split(":"))
    except ValueError:
        fail(f"{option}: {given!r} should be two numbers, as in 1:5", Exit.USAGE)
    if not abs(high - low) < float("inf") or low == high:
        fail(f"{option}: {given!r} should be two different numbers, as in 1:5", Exit.USAGE)
    return low, high


def _cost(given: str) -> float:
    try:
        cost = float(given)
    except ValueError:
        cost = -1.0
    if not 0 <= cost < float("inf"):
        fail(f"--cost: {given!r} should be millionths of a dollar, such as 250", Exit.USAGE)
    return cost


def _globs(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(glob.strip() for part in given or () for glob in part.split(",") if glob.strip())
