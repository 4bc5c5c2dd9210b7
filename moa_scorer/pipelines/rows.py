"""Rows of a file, read one by one: a bad one costs itself and no other."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Final

from moa_scorer.domain.job import Position

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes; what goes on for longer without an end of line is a bad row."""
DAMAGED: Final = "the compressed data end here, too early, or are damaged: nothing after this can be read"
_DAMAGE: Final = (EOFError, zlib.error, OSError)
"""What a gzip file raises where it is damaged; for a plain file an OSError is the disk's."""

Fields = Mapping[str, object]
"""Column -> value, as the file has it."""


class BadRow(Exception):
    """One row cannot be read; the message says why and never quotes it."""


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, found but not parsed."""

    at: Position
    after: Position
    """Where the next one begins."""
    parse: Callable[[], Fields]
    """Raises BadRow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file, with its end."""

    at: Position
    """`index` is not counted here."""
    end: int
    """Byte at which the next one begins."""
    text: bytes
    mistake: str = ""
    """Why `text` is not the whole line; empty = it is."""


def bad(why: str) -> Callable[[], Fields]:
    """The parser of a row that is known to be bad."""

    def parse() -> Fields:
        raise BadRow(why)

    return parse


def lines(file: IO[bytes], start: Position, *, gzipped: bool) -> Iterator[Line]:
    """Every line from a position on; where a compressed file is damaged, a last one says so."""
    number, offset = start.line, start.offset
    try:
        file.seek(offset)
        while text := file.readline(LONGEST_LINE):
            length, mistake = len(text), ""
            if length == LONGEST_LINE and not text.endswith(b"\n"):
                length, mistake = length + _skip_line(file), f"is longer than {LONGEST_LINE:,} bytes"
            end = offset + length
            yield Line(at=Position(line=number, offset=offset), end=end, text=text, mistake=mistake)
            number, offset = number + 1, end
    except _DAMAGE as error:
        if not gzipped:
            raise Unreadable(f"reading failed: {getattr(error, 'strerror', None) or error}") from None
        yield Line(at=Position(line=number, offset=offset), end=offset, text=b"", mistake=DAMAGED)


def _skip_line(file: IO[bytes]) -> int:
    """Bytes up to the end of the line that is being read."""
    skipped = 0
    while text := file.readline(LONGEST_LINE):
        skipped += len(text)
        if text.endswith(b"\n"):
            break
    return skipped


def words(text: bytes) -> str:
    """The bytes as text; raises BadRow."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise BadRow("is not UTF-8 text") from None
