"""Lines of a file as plain values: JSONL, CSV, TSV and Parquet, each also compressed with gzip."""

import csv
import gzip
import io
import json
import math
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moa_scorer.learning.study.mistakes import Mistakes, NotAStudy

SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of a file."""

    at: str
    """File and line, as mistakes name them."""
    values: Mapping[str, Any]
    """Column or key -> value; cells of CSV are strings. An empty cell is None."""


def read_records(path: Path, mistakes: Mistakes) -> Iterator[Record]:
    """The lines of a file in its order; lines that cannot be read are mistakes and left out.

    Raises NotAStudy where the file as a whole cannot be read, OSError where it cannot be opened.
    """
    name = path.name.removesuffix(".gz")
    suffix = Path(name).suffix
    if suffix not in SUFFIXES:
        raise NotAStudy(f"{path.name}: should end with {', '.join(SUFFIXES)}, or one of them and .gz")
    payload = _payload(path)
    if suffix == ".parquet":
        return _of_parquet(payload, path.name)
    text = _text(payload, path.name)
    if suffix == ".jsonl":
        return _of_json_lines(text, path.name, mistakes)
    return _of_csv(text, path.name, "\t" if suffix == ".tsv" else None, mistakes)


def _payload(path: Path) -> bytes:
    payload = path.read_bytes()
    if path.suffix != ".gz":
        return payload
    try:
        return gzip.decompress(payload)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise NotAStudy(f"{path.name}: is not whole gzip: {error}") from None


def _text(payload: bytes, name: str) -> str:
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = payload[: error.start].count(b"\n") + 1
        raise NotAStudy(f"{name}, line {line}: is not UTF-8 text") from None


def _of_json_lines(text: str, name: str, mistakes: Mistakes) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        at = f"{name}, line {number}"
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            mistakes.add(at, f"is not JSON: {error}")
            continue
        if isinstance(values, dict):
            yield Record(at=at, values=values)
        else:
            mistakes.add(at, "should be an object, {…}")


def _of_csv(text: str, name: str, delimiter: str | None, mistakes: Mistakes) -> Iterator[Record]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # texts are longer than the usual 128 KiB
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(head), strict=True)
    number = 1
    try:
        header = next(reader, [])
        _check_header(header, name)
        while True:
            number = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if len(cells) == len(header):
                yield Record(at=f"{name}, line {number}", values=_named(header, cells))
            elif cells:
                mistakes.add(f"{name}, line {number}", f"has {len(cells)} cells, the header {len(header)}")
    except csv.Error as error:
        raise NotAStudy(*mistakes.found, f"{name}, line {number}: is not CSV: {error}") from None


def _delimiter(header: str) -> str:
    """Whichever of comma, semicolon and tab the header has most of."""
    return max(",;\t", key=header.count)


def _check_header(header: Sequence[str], name: str) -> None:
    if not any(header):
        raise NotAStudy(f"{name}: is empty: the first line should name the columns")
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise NotAStudy(f"{name}, line 1: names {', '.join(twice)} more than once")


def _named(header: Sequence[str], cells: Sequence[str]) -> dict[str, str | None]:
    """Column -> cell; a column without a name, as of a written index, is nobody's."""
    return {column: cell.strip() or None for column, cell in zip(header, cells, strict=True) if column}


def _of_parquet(payload: bytes, name: str) -> Iterator[Record]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise NotAStudy(f"{name}: reading Parquet needs pyarrow: pip install 'moa-scorer[fit]'") from None
    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(payload))
        rows = [row for batch in file.iter_batches() for row in batch.to_pylist()]
    except (pyarrow.ArrowException, OSError) as error:
        raise NotAStudy(f"{name}: is not Parquet: {error}") from None
    for number, row in enumerate(rows, start=1):
        yield Record(at=f"{name}, row {number}", values={c: _without_nan(v) for c, v in row.items()})


def _without_nan(value: Any) -> Any:
    """Data frames write a missing number as NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value
