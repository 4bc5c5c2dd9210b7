"""`moa-scorer records list`, `show`, `explain` and `export`."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from moa_scorer.app.cli.exits import say
from moa_scorer.app.cli.records.left_out import tell_left_out
from moa_scorer.app.cli.records.options import AsJson, Name, Which, query_of, takes_which
from moa_scorer.app.cli.records.run import Place, run, say_none, takes_place
from moa_scorer.app.cli.records.stored_options import Records

if TYPE_CHECKING:
    from moa_scorer.client import DamagedRecord, StoredRecord, View
    from moa_scorer.client.record_calls import AsyncRecords

LISTED = """\
[bold]Examples[/bold]

  moa-scorer records list --decision reject --since 2026-11-01

  moa-scorer records list --tag team=news --json | jq .answer.scored.score

  moa-scorer records list --subject user-17 --server 127.0.0.1:50051
"""
SHOWN = """\
[bold]Example[/bold]

  moa-scorer records show 01KA2JZ6Q1M8T4RM5V5ZK9D3XA
"""
EXPLAINED = """\
[bold]Example[/bold]

  moa-scorer records explain 01KA2JZ6Q1M8T4RM5V5ZK9D3XA
"""
EXPORTED = """\
[bold]Example[/bold]

  moa-scorer records export --since 2026-11-01 --out november.jsonl
"""
T = TypeVar("T")


@takes_place
@takes_which
def list_(
    which: Which,
    place: Place,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most records to list.")] = 50,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="Else the newest come first.")] = False,
    as_json: AsJson = False,
    backup: Records = None,
) -> None:
    """Lists records, the newest first; with --json a line for each, as GetRecord answers in view SCORE."""
    from moa_scorer.app.cli.records.tables import print_lines, print_records

    damaged: list[DamagedRecord] = []

    async def work(found: "AsyncRecords") -> int:
        listed = found.list(query_of(which, oldest_first=oldest_first), damaged=damaged.append)
        chosen = _first(limit, listed)
        return await (print_lines(chosen) if as_json else print_records(chosen))

    if not run(work, place, backup) and not damaged:
        say_none(place, backup)
    tell_left_out(damaged)


@takes_place
def show(name: Name, place: Place, as_json: AsJson = False, backup: Records = None) -> None:
    """Shows one record in full: text, verdict, ballots with their evidence, rationale, plan."""
    from moa_scorer.app.cli.records.tables import as_json as whole
    from moa_scorer.app.cli.records.tables import print_record

    async def work(found: "AsyncRecords") -> "StoredRecord":
        return await found.get(name, view="full")

    record = run(work, place, backup)
    if as_json:
        typer.echo(whole(record.message))
    else:
        print_record(record)


@takes_place
def explain(name: Name, place: Place, as_json: AsJson = False, backup: Records = None) -> None:
    """Says in words why a record says what it says, and what would change the decision."""
    from moa_scorer.app.cli.records.tables import as_json as whole
    from moa_scorer.app.cli.records.tables import print_explanation

    explanation = run(lambda found: found.explain(name), place, backup)
    if as_json:
        typer.echo(whole(explanation.message))
    else:
        print_explanation(explanation)


@takes_place
@takes_which
def export(
    which: Which,
    place: Place,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Default: standard output.")
    ] = None,
    numbers_only: Annotated[
        bool, typer.Option("--numbers-only", help="Without texts, ballots and rationale.")
    ] = False,
    backup: Records = None,
) -> None:
    """Writes records as lines of JSON, the oldest first: what GetRecord answers in view FULL."""
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.app.cli.records.tables import write_lines

    damaged: list[DamagedRecord] = []

    async def work(found: "AsyncRecords") -> int:
        view: View = "score" if numbers_only else "full"
        chosen = found.list(query_of(which, oldest_first=True), view=view, damaged=damaged.append)
        with Progress(None, "exporting") as progress:
            return await write_lines(chosen, out, progress.advance)

    count = run(work, place, backup)
    say(f"{count:,} records" + (f" in {out}" if out else ""))
    if not count and not damaged:
        say_none(place, backup)
    tell_left_out(damaged)


async def _first(limit: int, records: AsyncIterator[T]) -> AsyncIterator[T]:
    """At most so many."""
    left = limit
    async for record in records:
        yield record
        left -= 1
        if not left:
            return
