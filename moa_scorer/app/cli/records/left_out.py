"""Records that a command could not read: each is named, and the exit status says that there were some."""

from collections.abc import Sequence
from typing import Protocol

import typer

from moa_scorer.app.cli.exits import Exit, say


class Damaged(Protocol):
    """A record that is not what was written, read here or on a server."""

    @property
    def name(self) -> str: ...

    @property
    def part(self) -> str: ...


def tell_left_out(damaged: Sequence[Damaged]) -> None:
    """Names them on stderr, and ends the command where there is any."""
    for each in damaged:
        name = each.name.rpartition("/")[2]
        say(f"records/{name} is left out: the bytes of its {each.part} are not those that were written")
    if damaged:
        raise typer.Exit(Exit.REJECTED)
