"""Rows of a Parquet file, a few at a time."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from moa_scorer.domain.job import Position
from moa_scorer.pipelines.rows import Fields, Row, Unreadable

AT_A_TIME: Final = 256
"""Rows decoded in one go."""
MISSING: Final = "Parquet files need pyarrow: pip install 'moa-scorer[parquet]'"


def parquet_rows(path: Path, start: Position, columns: Sequence[str]) -> Iterator[Row]:
    """A row for each row; only these columns are read, as far as there are any. Raises Unreadable."""
    index = 0
    with _opened(path) as (file, error):
        wanted = [name for name in file.schema_arrow.names if name in columns]
        try:
            for group in range(file.num_row_groups):
                size = file.metadata.row_group(group).num_rows
                if index + size <= start.index:
                    index += size
                    continue
                for batch in file.iter_batches(AT_A_TIME, row_groups=[group], columns=wanted):
                    for fields in batch.to_pylist():
                        if index >= start.index:
                            yield _row(index, fields)
                        index += 1
        except (error, OSError) as damage:
            raise Unreadable(f"is damaged after row {index:,}: {damage}") from None


def parquet_count(path: Path) -> int:
    """How many rows there are; raises Unreadable."""
    with _opened(path) as (file, _):
        return int(file.metadata.num_rows)


class _opened:
    """A Parquet file for reading, with the type of its library's errors; raises Unreadable."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> tuple[Any, type[Exception]]:
        try:
            from pyarrow import ArrowException
            from pyarrow.parquet import ParquetFile
        except ImportError:
            raise Unreadable(MISSING) from None
        try:
            self._file = ParquetFile(self._path)
        except (ArrowException, OSError) as error:
            raise Unreadable(f"is not a Parquet file: {error}") from None
        return self._file, ArrowException

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _row(index: int, fields: Fields) -> Row:
    return Row(at=_position(index), after=_position(index + 1), parse=partial(_given, fields))


def _given(fields: Fields) -> Fields:
    return fields


def _position(index: int) -> Position:
    return Position(index=index, line=index + 1, offset=index)
