"""Files of items: their format by their name, their rows from any position, and whether they have changed."""

import gzip
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, cast

from moa_scorer.domain.job import START, Position
from moa_scorer.domain.job_order import Columns, FileFormat, Source
from moa_scorer.pipelines.csv_rows import csv_rows
from moa_scorer.pipelines.jsonl import jsonl_rows
from moa_scorer.pipelines.parquet import parquet_count, parquet_rows
from moa_scorer.pipelines.rows import Row, Unreadable

_SUFFIXES: Final = {
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.CSV,
    ".parquet": FileFormat.PARQUET,
}
KNOWN: Final = "a name that ends in .jsonl, .ndjson, .csv or .tsv, each also with .gz, or in .parquet"
_ENDS: Final = 64 * 1024
"""Bytes of head and of tail that tell one file from another."""


def source_of(path: Path, columns: Columns | None = None) -> Source:
    """The file as a source, its fingerprint taken; raises Unreadable."""
    gzipped = path.suffix.lower() == ".gz"
    suffix = Path(path.stem).suffix if gzipped else path.suffix
    found = _SUFFIXES.get(suffix.lower())
    if found is None or (gzipped and found is FileFormat.PARQUET):
        raise Unreadable(f"is of no known format; use {KNOWN}")
    return Source(
        path=str(path.absolute()),
        format=found,
        gzipped=gzipped,
        columns=columns or Columns(),
        fingerprint=fingerprint(path),
    )


def fingerprint(path: Path) -> str:
    """Size and digest of head and tail; raises Unreadable."""
    with _plain(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        digest = sha256(file.read(_ENDS))
        file.seek(max(0, size - _ENDS))
        digest.update(file.read(_ENDS))
    return f"{size}:{digest.hexdigest()}"


def rows(source: Source, start: Position = START) -> Iterator[Row]:
    """Every row from a position on, read as they are asked for; raises Unreadable."""
    path = Path(source.path)
    if source.format is FileFormat.PARQUET:
        yield from parquet_rows(path, start, tuple(asdict(source.columns).values()))
        return
    read = jsonl_rows if source.format is FileFormat.JSONL else csv_rows
    with _opened(path, gzipped=source.gzipped) as file:
        yield from read(file, start, gzipped=source.gzipped)


def count_rows(source: Source) -> int:
    """How many rows there are, bad ones included; raises Unreadable."""
    if source.format is FileFormat.PARQUET:
        return parquet_count(Path(source.path))
    return sum(1 for _ in rows(source))


def _plain(path: Path) -> IO[bytes]:
    if not path.is_file():
        raise Unreadable("there is no such file")
    try:
        return path.open("rb")
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


def _opened(path: Path, *, gzipped: bool) -> IO[bytes]:
    file = _plain(path)
    if not gzipped:
        return file
    file.close()
    return cast(IO[bytes], gzip.open(path))
