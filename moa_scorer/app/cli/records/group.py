"""`moa-scorer records …`."""

from collections.abc import Callable
from typing import Final

import typer

from moa_scorer.app.cli.records import delete as records_delete
from moa_scorer.app.cli.records import read as records_read
from moa_scorer.app.cli.records import replay as records_replay
from moa_scorer.app.cli.records import what_if as records_what_if

records = typer.Typer(
    help="Shows what was kept of scored items: list, show, explain, replay, what if, export, delete.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
COMMANDS: Final[tuple[tuple[str, Callable[..., None], str], ...]] = (
    ("list", records_read.list_, records_read.LISTED),
    ("show", records_read.show, records_read.SHOWN),
    ("explain", records_read.explain, records_read.EXPLAINED),
    ("replay", records_replay.replay, records_replay.EXAMPLES),
    ("what-if", records_what_if.what_if, records_what_if.EXAMPLES),
    ("export", records_read.export, records_read.EXPORTED),
    ("delete", records_delete.delete, records_delete.EXAMPLES),
)
"""Each command with its examples."""

for name, command, examples in COMMANDS:
    records.command(name, epilog=examples)(command)
