"""Records, replays and explanations as a person reads them."""

import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import typer
from google.protobuf.json_format import MessageToDict, MessageToJson
from google.protobuf.message import Message
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from moa_scorer.app.cli.console import console_on
from moa_scorer.app.cli.marks import visible
from moa_scorer.app.cli.tables import DECISIONS, bar, detailed
from moa_scorer.client import Explanation, Replayed, StoredRecord
from moa_scorer.domain.errors import ConfigurationError

HEADINGS: Final = ("record", "made", "score", "decided", "completion", "item and rule")
WIDTHS: Final = (26, 16, 5, 7, 10)
"""Of the columns before the last, in characters."""
MOST_COLUMNS: Final = 12
"""Columns of an explanation that are shown: those that added most."""


def _cells(record: StoredRecord) -> tuple[Text, ...]:
    result = record.result
    return (
        Text(record.name.removeprefix("records/")),
        Text(f"{record.created:%Y-%m-%d %H:%M}"),
        Text(f"{result.score:.3f}") if result.is_scored else Text("–", "yellow"),
        Text(result.decision, DECISIONS.get(result.decision, "")),
        Text(result.completion),
        Text(f"{visible(result.content_id)}  ").append(result.rule, "dim"),
    )


def _row(*cells: Text) -> Text:
    """One row in fixed columns."""
    row = Text()
    for cell, width in zip(cells, WIDTHS, strict=False):
        cell.truncate(width, overflow="ellipsis", pad=True)
        row.append_text(cell).append(" ")
    return row.append_text(cells[-1])


async def print_records(records: AsyncIterator[StoredRecord]) -> int:
    """A row for each under a heading; how many there were."""
    console, count = console_on(), 0
    async for record in records:
        if not count:
            console.print(_row(*(Text(heading, "bold") for heading in HEADINGS)), soft_wrap=True)
        console.print(_row(*_cells(record)), soft_wrap=True)
        count += 1
    return count


def print_record(record: StoredRecord) -> None:
    """Everything about one record."""
    marks = [f"{key}={value}" for key, value in record.tags.items()]
    said = [
        f"{record.name} · {record.created:%Y-%m-%d %H:%M:%S} UTC",
        f"decided again after {record.result.origin}" if record.result.origin else "",
        f"subject {record.subject}" if record.subject else "",
        "drawn for the audit" if record.audited else "",
        *marks,
    ]
    head = Text(visible(" · ".join(each for each in said if each)), "bold")
    digest = Text(f"\ncontent {record.content_digest}", "dim")
    console_on().print(Group(head, "", detailed(record.result, record.text), digest))


def print_explanation(explanation: Explanation) -> None:
    """The words, then what each column added."""
    parts: list[RenderableType] = [Text(visible(explanation.rationale))]
    if explanation.contributions:
        table = Table.grid(padding=(0, 2))
        for each in explanation.contributions[:MOST_COLUMNS]:
            style = "green" if each.amount > 0 else "red"
            table.add_row(Text(each.column), f"{each.value:.3f}", Text(f"{each.amount:+.4f}", style))
        parts += ["", Text("column, its value, what it added", "dim"), table]
    if (more := len(explanation.contributions) - MOST_COLUMNS) > 0:
        parts.append(Text(f"and {more} columns that added less: --json has them all", "dim"))
    console_on().print(Group(*parts))


def replay_line(name: str, replay: Replayed) -> Text:
    """What became of one record."""
    if not replay.same:
        return Text(f"{name}: {replay.outcome.replace('_', ' ')}: {visible(replay.detail)}", "red")
    line = Text(f"{name}: the same to the last bit", "green")
    if replay.message.HasField("score"):
        line.append(f"  {replay.message.score:.3f} ", "bold").append_text(bar(replay.message.score))
    return line


def as_json(message: Message) -> str:
    """A message over several lines."""
    return MessageToJson(message, ensure_ascii=False)


def as_line(message: Message) -> str:
    """A message on one line."""
    return json.dumps(MessageToDict(message), ensure_ascii=False, separators=(",", ":"))


async def print_lines(records: AsyncIterator[StoredRecord]) -> int:
    """A line of JSON for each; how many there were."""
    count = 0
    async for record in records:
        typer.echo(as_line(record.message))
        count += 1
    return count


async def write_lines(
    records: AsyncIterator[StoredRecord], file: Path | None, written: Callable[[], None]
) -> int:
    """The same into a file, else to standard output; each one that is written is told.

    Raises ConfigurationError where the file cannot be written.
    """
    count = 0
    try:
        with file.open("w", encoding="utf-8") if file else nullcontext(sys.stdout) as sink:
            async for record in records:
                sink.write(f"{as_line(record.message)}\n")
                written()
                count += 1
    except OSError as error:
        if file is None:
            raise
        raise ConfigurationError((f"{file}: {error.strerror}",)) from None
    return count
