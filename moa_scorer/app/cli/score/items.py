"""What there is to score: one text, or lines of JSON with a text each."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import IO, Any, Final

from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.client.requests import Item

STDIN: Final = "-"
_NOT_OF_A_LINE: Final = {"budget", "quorum", "expected_ruler", "cost_ceiling", "seed"}
_KEYS: Final = frozenset(f.name for f in fields(Item)) - _NOT_OF_A_LINE
_YES_OR_NO: Final = frozenset({"local_only"})


class BadInput(Exception):
    """The input as a whole cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing to score, or why it cannot be."""

    number: int
    """Line in the JSONL input, from 1; 0 = the only text."""
    item: Item | None
    mistake: str = ""


def read_text(name: str) -> str:
    """A whole file, or stdin, as one text; raises BadInput."""
    with opened(name) as file:
        return _decoded(file.read(), name)


@contextmanager
def json_lines(name: str, defaults: Item) -> Iterator[Iterator[Line]]:
    """The lines of a JSONL file or stdin, read as they are asked for; raises BadInput if it cannot be."""
    with opened(name) as file:
        yield parse_lines(file, defaults)


def count_lines(name: str) -> int | None:
    """How many lines a file has; None for stdin and what is not a plain file."""
    path = Path(name)
    if name == STDIN or not path.is_file():
        return None
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def parse_lines(lines: Iterable[bytes], defaults: Item) -> Iterator[Line]:
    """One `Line` for each line that is not blank; a bad one says what is wrong and stops no other."""
    for number, raw in enumerate(lines, start=1):
        if raw.strip():
            yield _parsed(number, raw, defaults)


def _parsed(number: int, raw: bytes, defaults: Item) -> Line:
    try:
        said = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Line(number=number, item=None, mistake="is not UTF-8 text")
    except (ValueError, RecursionError) as error:
        return Line(number=number, item=None, mistake=f"is not JSON: {error}")
    mistake = _mistake(said)
    if mistake:
        return Line(number=number, item=None, mistake=mistake)
    return Line(number=number, item=replace(defaults, **said))


def _mistake(said: Any) -> str:
    """What is wrong with a line's value, or nothing."""
    if not isinstance(said, dict):
        return 'should be an object such as {"text": "…"}'
    for key, value in said.items():
        if key not in _KEYS:
            return f"unknown key {key!r}{did_you_mean(key, _KEYS)}"
        if key in _YES_OR_NO:
            if not isinstance(value, bool):
                return f"{key}: should be true or false"
        elif not isinstance(value, str):
            return f"{key}: should be a string"
    return "" if "text" in said else "text: is required"


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """A file, or stdin, for reading; raises BadInput."""
    import sys

    if name == STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below, after the error has its words
    except OSError as error:
        raise BadInput(f"{name}: cannot be read: {error.strerror}") from None
    with file:
        yield file


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = "stdin" if name == STDIN else name
        raise BadInput(f"{shown}: is not UTF-8 text (byte {error.start})") from None
