"""Files -> studies: rated items with judges' raw scores, in the JSON forms or as a table of one's own.

A file of criteria that were rated on different items holds several studies. Where each item of the JSON form
has one dimension and lines carry `task`, the task is the criterion and the dimension is the item's source.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from moa_scorer.learning.ratings import digest
from moa_scorer.learning.study import Study
from moa_scorer.learning.study_ballots import ballot_form
from moa_scorer.learning.study_build import studies_of
from moa_scorer.learning.study_cells import text_of
from moa_scorer.learning.study_columns import entry_of_record, layout_of
from moa_scorer.learning.study_entries import Entry, Key, joined
from moa_scorer.learning.study_lines import entry_of_line, is_line
from moa_scorer.learning.study_mistakes import Mistakes, NotAStudy
from moa_scorer.learning.study_reading import Reading
from moa_scorer.learning.study_tables import Record, read_records

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
    ratings = None if reading.ratings is None else _read(reading.ratings, reading, ())
    criteria = () if ratings is None else tuple(dict.fromkeys(c for e in ratings.values() for c in e.ratings))
    entries = _read(path, reading, criteria)
    if ratings is not None:
        entries = _with_ratings(entries, ratings, path)
    sources = [path] if reading.ratings is None else [path, reading.ratings]
    digests = {source.name: digest(source) for source in sources}
    return studies_of(entries, reading, file=path.name.split(".")[0], digests=digests)


def _read(path: Path, reading: Reading, criteria: Collection[str]) -> dict[Key, Entry]:
    """Item -> what one file says of it; `criteria` are those that another file rates."""
    mistakes = Mistakes()
    records = list(read_records(path, mistakes))
    kept = [r for r in records if _fits(r, reading.where)]
    if not kept:
        mistakes.settle()
        raise NotAStudy(_nothing(path, records, reading))
    entries = joined(_entries(kept, reading, criteria, path.name, mistakes), mistakes)
    mistakes.settle()
    return entries


def _fits(record: Record, where: Sequence[tuple[str, str]]) -> bool:
    return all(fnmatchcase(text_of(record.values.get(column)), glob) for column, glob in where)


def _nothing(path: Path, records: Sequence[Record], reading: Reading) -> str:
    if not records:
        return f"{path.name}: holds no items"
    asked = ", ".join(f"{column}={glob}" for column, glob in reading.where)
    missing = [column for column, _ in reading.where if not any(column in r.values for r in records)]
    lacking = f": there is no column {', '.join(missing)}" if missing else ""
    return f"{path.name}: no line fits {asked}{lacking}"


def _entries(
    records: Sequence[Record], reading: Reading, criteria: Collection[str], file: str, mistakes: Mistakes
) -> Iterator[Entry]:
    """One entry a line that is of a known form; the first lines say which form the file has."""
    form = next(filter(None, (ballot_form(r.values) for r in records[:FIRST])), None)
    if is_line(records[0].values):
        found = _lines(records, mistakes)
    elif form is not None:
        found = (form(r, mistakes) for r in records)
    else:
        header = tuple(dict.fromkeys(column for r in records for column in r.values))
        layout = layout_of(header, reading.columns, criteria, file)
        found = (entry_of_record(r, layout, reading, mistakes) for r in records)
    return (entry for entry in found if entry is not None)


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


def _with_ratings(entries: Mapping[Key, Entry], ratings: Mapping[Key, Entry], path: Path) -> dict[Key, Entry]:
    """Both files' entries by the items' ids; what the first says of ratings itself stays and must agree."""
    by_item: dict[str, list[Key]] = {}
    for key in entries:
        by_item.setdefault(key[1], []).append(key)
    mistakes = Mistakes()
    moved = [
        replace(e, dataset=_dataset(e, entries, by_item.get(e.item, ()), mistakes)) for e in ratings.values()
    ]
    if not any(e.key in entries for e in moved):
        one, other = next(iter(ratings.values())), next(iter(entries.values()))
        raise NotAStudy(
            f"{one.at}: item {one.item!r} is not in {path.name}, nor is any other; there: {other.item!r}"
        )
    whole = joined([*entries.values(), *moved], mistakes)
    mistakes.settle()
    return whole


def _dataset(
    entry: Entry, entries: Mapping[Key, Entry], candidates: Sequence[Key], mistakes: Mistakes
) -> str:
    """The data set of the first file's item with the same id."""
    if entry.key in entries or not candidates:
        return entry.dataset
    if len(candidates) > 1:
        sets = ", ".join(dataset for dataset, _ in candidates)
        mistakes.add(entry.at, f"item {entry.item} is in several data sets ({sets}): say which")
    return candidates[0][0]
