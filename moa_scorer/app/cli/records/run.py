"""Work on the records that the command line means, wherever they are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from moa_scorer.app.cli.exits import Exit, fail, say, told, told_of_server
from moa_scorer.app.cli.options import Config, at_server, log_quietly, settings_of, taking

if TYPE_CHECKING:
    from moa_scorer.client.record_calls import AsyncRecords

T = TypeVar("T")

OfTenant = Annotated[
    str,
    typer.Option(
        "--tenant",
        metavar="TENANT",
        help="Whose records, in a database; a server knows it by your credentials.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the command line says about where records are; one option a field. `takes_place` makes them."""

    server: Annotated[str | None, at_server("Ask this server. Default: the database in the settings.")] = None
    tenant: OfTenant = "default"
    config: Config = None


def say_none(place: Place, backup: Path | None) -> None:
    """A line on stderr where no record is meant: in a database, whether the tenant has none and who has."""
    import asyncio

    from moa_scorer.app.records_at import why_none
    from moa_scorer.domain.tenant import Tenant

    if place.server:
        say("no record is meant by that")
        return
    with told():
        say(asyncio.run(why_none(settings_of(place.config), backup, Tenant(place.tenant))))


def takes_place(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of type `Place`."""
    return taking(Place, command)


def run(work: Callable[["AsyncRecords"], Awaitable[T]], place: Place, backup: Path | None = None) -> T:
    """What the work on the records comes to; ends the command with a line where it cannot be done."""
    import asyncio

    from moa_scorer.app.records_at import records_at
    from moa_scorer.domain.tenant import Tenant

    if place.server and backup:
        fail("name --server or --records, not both", Exit.USAGE)
    if place.server and place.tenant != Place().tenant:
        fail("--tenant is for a database: a server takes it from your credentials", Exit.USAGE)
    settings = settings_of(place.config)
    log_quietly(settings)

    async def opened() -> T:
        async with records_at(settings, place.server, backup, Tenant(place.tenant)) as found:
            return await work(found)

    with told_of_server(place.server):
        return asyncio.run(opened())
