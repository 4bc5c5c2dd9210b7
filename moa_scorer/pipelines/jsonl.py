"""Rows of a file with a JSON object a line."""

import json
from collections.abc import Iterator
from functools import partial
from typing import IO, Final

from moa_scorer.domain.job import Position
from moa_scorer.pipelines.rows import BadRow, Fields, Line, Row, bad, lines, words

_MARK: Final = b"\xef\xbb\xbf"
"""What some programs write before the first line of UTF-8."""


def jsonl_rows(file: IO[bytes], start: Position, *, gzipped: bool) -> Iterator[Row]:
    """A row for each line that is not blank."""
    index = start.index
    for line in lines(file, start, gzipped=gzipped):
        text = line.text.removeprefix(_MARK) if line.at.offset == 0 else line.text
        if not (text.strip() or line.mistake):
            continue
        after = Position(index=index + 1, line=line.at.line + 1, offset=line.end)
        yield Row(at=_at(line, index), after=after, parse=_parser(line, text))
        index += 1


def _at(line: Line, index: int) -> Position:
    return Position(index=index, line=line.at.line, offset=line.at.offset)


def _parser(line: Line, text: bytes) -> partial[Fields]:
    return partial(bad(line.mistake)) if line.mistake else partial(_parsed, text)


def _parsed(text: bytes) -> Fields:
    try:
        said = json.loads(words(text))
    except (ValueError, RecursionError) as error:
        where = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadRow(f"is not JSON{where}") from None
    if not isinstance(said, dict):
        raise BadRow('should be an object such as {"text": "…"}')
    return said
