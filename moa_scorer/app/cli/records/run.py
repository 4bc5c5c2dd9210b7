"""Work on the records that the command line means, wherever they are."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import Config, log_quietly, settings_of, taking

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

    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "-t",
            metavar="HOST:PORT",
            help="Ask this server. Default: the database in the settings.",
            show_default=False,
        ),
    ] = None
    tenant: OfTenant = "default"
    config: Config = None


def takes_place(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of type `Place`."""
    return taking(Place, command)


def run(work: Callable[["AsyncRecords"], Awaitable[T]], place: Place, backup: Path | None = None) -> T:
    """What the work on the records comes to; ends the command with a line where it cannot be done."""
    import asyncio

    from moa_scorer.app.records_at import records_at
    from moa_scorer.domain.tenant import Tenant

    if place.target and backup:
        fail("name --target or --records, not both", Exit.USAGE)
    if place.target and place.tenant != Place().tenant:
        fail("--tenant is for a database: a server takes it from your credentials", Exit.USAGE)
    settings = settings_of(place.config)
    log_quietly(settings)

    async def opened() -> T:
        async with records_at(settings, place.target, backup, Tenant(place.tenant)) as found:
            return await work(found)

    with told_of_records():
        return asyncio.run(opened())


@contextmanager
def told_of_records() -> Iterator[None]:
    """As `told`, for what a server answers too."""
    from moa_scorer.client import DeadlineExceeded, ScorerError, Unreachable

    with told():
        try:
            yield
        except (Unreachable, DeadlineExceeded) as error:
            fail(str(error), Exit.UNREACHABLE)
        except ScorerError as error:
            fail(str(error), Exit.REJECTED)
