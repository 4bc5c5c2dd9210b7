"""`moa-scorer records replay`."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.exits import told as told_errors
from moa_scorer.app.cli.options import log_quietly, settings_of
from moa_scorer.app.cli.records.options import AsJson, Which, query_of, takes_which
from moa_scorer.app.cli.records.run import Place, run, say_none, takes_place
from moa_scorer.app.cli.records.stored_options import Records

if TYPE_CHECKING:
    from moa_scorer.scoring.replay import Replay

EXAMPLES = """\
[bold]Examples[/bold]

  moa-scorer records replay 01KA2JZ6Q1M8T4RM5V5ZK9D3XA

  moa-scorer records replay --all --since 2026-11-01
"""
MOST_SHOWN = 20


@takes_place
@takes_which
def replay(
    which: Which,
    place: Place,
    name: Annotated[
        str | None, typer.Argument(metavar="[RECORD]", help="`records/ID`, or the ID.", show_default=False)
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every record that the other options mean, in a database.")
    ] = False,
    as_json: AsJson = False,
    backup: Records = None,
) -> None:
    """Reconciles stored ballots again and compares number and decision to the last bit; no judge is asked.

    Exit status 1 where anything differs, is damaged, or cannot be replayed because its snapshot is gone, and
    where there is no record to replay: nothing is no proof.
    """
    if (name is None) is not everything:
        fail("name a RECORD, or say --all", Exit.USAGE)
    if name is not None and which != Which():
        fail("name a RECORD, or choose records with --all", Exit.USAGE)
    if everything and place.server:
        fail("--all reads a database: leave --server out, or name one record", Exit.USAGE)
    if name is not None:
        _one(name, as_json, place, backup)
    else:
        _all(which, as_json, place, backup)


def _one(name: str, as_json: bool, place: Place, backup: Path | None) -> None:
    from rich.console import Console

    from moa_scorer.app.cli.records.tables import as_json as whole
    from moa_scorer.app.cli.records.tables import replay_line

    found = run(lambda at: at.replay(name), place, backup)
    if as_json:
        typer.echo(whole(found.message))
    else:
        Console().print(replay_line(f"records/{name.rpartition('/')[2]}", found), soft_wrap=True)
    if not found.same:
        raise typer.Exit(Exit.REJECTED)


def _all(which: Which, as_json: bool, place: Place, backup: Path | None) -> None:
    import asyncio
    import json

    from moa_scorer.app.records_at import filter_of
    from moa_scorer.app.replaying import outcome_of, replays_of
    from moa_scorer.domain.tenant import Tenant

    settings = settings_of(place.config)
    log_quietly(settings)
    counts: Counter[str] = Counter()

    def told(found: "Replay") -> None:
        counts[outcome_of(found)] += 1
        if not found.same and counts.total() - counts["same"] <= MOST_SHOWN:
            typer.echo(f"records/{found.name}: {found.words}", err=as_json)

    with told_errors():
        meant = filter_of(query_of(which), Tenant(place.tenant))
        asyncio.run(replays_of(meant, settings, backup, told))
    words = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.most_common())
    typer.echo(json.dumps(counts) if as_json else f"{counts.total():,} records replayed: {words or 'none'}")
    if not counts:
        say_none(place, backup)
    if not counts or counts.total() != counts["same"]:
        raise typer.Exit(Exit.REJECTED)
