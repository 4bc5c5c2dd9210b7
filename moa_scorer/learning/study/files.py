"""Files -> studies: rated items with judges' raw scores, in the JSON forms or as a table of one's own.

A file of criteria that were rated on different items holds several studies. Where each item of the JSON form
has one dimension and lines carry `task`, the task is the criterion and the dimension is the item's source.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from moa_scorer.learning.study.ballots import ballot_form
from moa_scorer.learning.study.build import studies_of
from moa_scorer.learning.study.cells import text_of
from moa_scorer.learning.study.columns import entry_of_record, layout_of
from moa_scorer.learning.study.entries import Entry, Key, joined
from moa_scorer.learning.study.join import with_ratings
from moa_scorer.learning.study.lines import entry_of_line, is_line
from moa_scorer.learning.study.mistakes import Mistakes, NotAStudy
from moa_scorer.learning.study.ratings import digest
from moa_scorer.learning.study.reading import Reading
from moa_scorer.learning.study.study import Study
from moa_scorer.learning.study.tables import Record, read_records

USUAL = Reading()
FIRST = 20
"""Lines that are looked at to tell the form of a file: some may hold failures only."""


def read_studies(path: Path, *, kind: str = "", reading: Reading = USUAL) -> tuple[Study, ...]:
    """The studies of one file, and of the ratings in another where the reading names one.

    Items stand in the order of their first mention; the order of lines matters in no other way. Raises
    NotAStudy (a ValueError) with every mistake as `file, line, column: what`, OSError for a file that cannot
    be opened.
    """
    reading = replace(reading, kind=kind) if kind else reading
    file = path.name.split(".")[0]
    if reading.ratings is None:
        entries = _entries(path.name, _records(path, reading.where), reading, ())
        return studies_of(entries, reading, file=file, digests={path.name: digest(path)})
    ballots, rated = _records(path, reading.where), _records(reading.ratings, ())
    headers = _header(ballots), _header(rated)
    ratings = _entries(reading.ratings.name, rated, _narrowed(reading, headers[1], headers[0]), ())
    criteria = tuple(dict.fromkeys(c for e in ratings.values() for c in e.ratings))
    entries = _entries(path.name, ballots, _narrowed(reading, headers[0], headers[1]), criteria)
    whole, notes = with_ratings(entries, ratings, path.name)
    digests = {path.name: digest(path), reading.ratings.name: digest(reading.ratings)}
    return studies_of(whole, reading, file=file, digests=digests, notes=notes)


def read_entries(
    path: Path, *, reading: Reading = USUAL, criteria: Collection[str] = ()
) -> tuple[Entry, ...]:
    """What a file says of each item, scores as the judges gave them; `criteria` are what they are asked.

    Raises as `read_studies` does.
    """
    return tuple(_entries(path.name, _records(path, reading.where), reading, criteria).values())


def _records(path: Path, where: Sequence[tuple[str, str]]) -> list[Record]:
    """The lines that are wanted; at least one."""
    mistakes = Mistakes()
    records = list(read_records(path, mistakes))
    kept = [r for r in records if _fits(r, where)]
    mistakes.settle()
    if not kept:
        raise NotAStudy(_nothing(path, records, where))
    return kept


def _header(records: Sequence[Record]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for r in records for column in r.values))


def _narrowed(reading: Reading, header: Collection[str], other: Collection[str]) -> Reading:
    """Without the names of columns that are those of the other file."""
    strange = frozenset(column for column in other if column not in header)
    return replace(reading, columns=reading.columns.without(strange))


def _fits(record: Record, where: Sequence[tuple[str, str]]) -> bool:
    return all(fnmatchcase(text_of(record.values.get(column)), glob) for column, glob in where)


def _nothing(path: Path, records: Sequence[Record], where: Sequence[tuple[str, str]]) -> str:
    if not records:
        return f"{path.name}: holds no items"
    asked = ", ".join(f"{column}={glob}" for column, glob in where)
    missing = [column for column, _ in where if not any(column in r.values for r in records)]
    lacking = f": there is no column {', '.join(missing)}" if missing else ""
    return f"{path.name}: no line fits {asked}{lacking}"


def _entries(
    file: str, records: Sequence[Record], reading: Reading, criteria: Collection[str]
) -> dict[Key, Entry]:
    """Item -> what one file says of it; `criteria` are those that another file rates."""
    mistakes = Mistakes()
    found = _by_line(file, records, reading, criteria, mistakes)
    entries = joined((entry for entry in found if entry is not None), mistakes)
    mistakes.settle()
    return entries


def _by_line(
    file: str, records: Sequence[Record], reading: Reading, criteria: Collection[str], mistakes: Mistakes
) -> Iterator[Entry | None]:
    """One entry a line, None for a bad one; the first lines say which form the file has."""
    form = next(filter(None, (ballot_form(r.values) for r in records[:FIRST])), None)
    if is_line(records[0].values):
        return _lines(records, mistakes)
    if form is not None:
        return (form(r, mistakes) for r in records)
    layout = layout_of(_header(records), reading.columns, criteria, file)
    return (entry_of_record(r, layout, reading, mistakes) for r in records)


def _lines(records: Sequence[Record], mistakes: Mistakes) -> Iterator[Entry | None]:
    single = len({text_of(r.values.get("item_id")) for r in records}) == len(records)
    for record in records:
        yield entry_of_line(record, *_criterion(record.values, single), mistakes)


def _criterion(line: Mapping[str, Any], single: bool) -> tuple[str, str]:
    """(criterion, where the item comes from)."""
    dimension = text_of(line.get("dimension"))
    if single and line.get("task"):
        return text_of(line["task"]).split(" (")[0], dimension
    return dimension, text_of(line.get("system_id"))
