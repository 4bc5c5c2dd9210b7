"""Outcomes as tables for people, or as JSON in the API's own form."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol

from google.protobuf.json_format import MessageToDict

from moa_scorer.app.cli.score.scorers import Outcome


class Writer(Protocol):
    """Takes outcomes in order."""

    def write(self, outcome: Outcome) -> None:
        """Writes one outcome; a rejected line is never left out of machine-readable output."""
        ...


@contextmanager
def writer(form: str, out: IO[str], *, many: bool) -> Iterator[Writer]:
    """The writer for a form: table, json or jsonl; with `many`, JSON is one array, tables have rows."""
    if form == "jsonl":
        yield _JsonLines(out)
    elif form == "json" and not many:
        yield _OneJson(out)
    elif form == "json":
        array = _JsonArray(out)
        yield array
        array.close()
    else:
        from moa_scorer.app.cli.tables import details, rows

        with (rows if many else details)(out) as tables:
            yield tables


def plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON: the API's ScoreContentResponse, or an error; `line` says where it came from."""
    where = {"line": outcome.line.number} if outcome.line.number else {}
    if outcome.result is not None:
        return where | MessageToDict(outcome.result.message)
    content_id = {"contentId": outcome.line.item.id} if outcome.line.item and outcome.line.item.id else {}
    return where | content_id | {"error": outcome.mistake}


class _JsonLines:
    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def write(self, outcome: Outcome) -> None:
        self._out.write(json.dumps(plain(outcome), ensure_ascii=False) + "\n")
        self._out.flush()


class _OneJson:
    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def write(self, outcome: Outcome) -> None:
        if outcome.result is not None:
            self._out.write(json.dumps(plain(outcome), ensure_ascii=False, indent=2) + "\n")


class _JsonArray:
    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._opening = "[\n"

    def write(self, outcome: Outcome) -> None:
        self._out.write(self._opening + json.dumps(plain(outcome), ensure_ascii=False))
        self._opening = ",\n"

    def close(self) -> None:
        self._out.write("[]\n" if self._opening == "[\n" else "\n]\n")
