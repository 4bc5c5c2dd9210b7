"""`moa-scorer storage …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import Config, log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings

storage = typer.Typer(
    help="Looks after the database that records are kept in: migrate, purge, back up, restore.",
    no_args_is_help=True,
)

DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", help="URL of the database. Default: the one in the settings."),
]
PORTABLE = ".jsonl.gz"


@storage.command()
def info(config: Config = None, database: DatabaseUrl = None) -> None:
    """Says which database is in use, of what version its tables are, and how much is in them."""
    import asyncio

    from moa_scorer.app.storage_report import report

    _, url = _chosen(config, database)
    with told():
        for line in asyncio.run(report(url)):
            typer.echo(line)


@storage.command()
def migrate(config: Config = None, database: DatabaseUrl = None) -> None:
    """Brings the tables to this version. A server does the same when it starts; once, whoever is first.

    Back up first: there is no way back to an older version but a backup.
    """
    import asyncio

    from moa_scorer.app.storage_report import migrated

    _, url = _chosen(config, database)
    with told():
        typer.echo(asyncio.run(migrated(url)))


@storage.command()
def purge(
    days: Annotated[
        float | None,
        typer.Option("--days", min=0, help="Age from which on records go. Default: `retention_days`."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Config = None,
    database: DatabaseUrl = None,
) -> None:
    """Deletes records that are older than so many days, with their ratings, request ids and items of jobs.

    A running server does the same by itself, every ten minutes, with the `retention_days` of its settings.

    [bold]Example[/bold]

      moa-scorer storage purge --days 7
    """
    import asyncio

    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.app.storage_report import purged

    settings, url = _chosen(config, database)
    age = settings.retention_days if days is None else days
    if days is None and age == 0:
        fail("the settings keep records for good (retention_days = 0): say --days", Exit.USAGE)
    if not yes:
        typer.confirm(f"Delete all records older than {age:g} days?", abort=True)
    with told(), Progress(None, "deleting"):
        count = asyncio.run(purged(url, age))
    typer.echo(f"{count} records deleted")


@storage.command()
def backup(
    file: Annotated[Path, typer.Argument(help="What to write; *.jsonl.gz: portable, for any database.")],
    config: Config = None,
    database: DatabaseUrl = None,
) -> None:
    """Writes all records and what hangs on them to a file, while servers go on.

    A SQLite database becomes a SQLite file, or with a name that ends in .jsonl.gz lines of JSON, which
    [bold]restore[/bold] puts into any kind of database. For PostgreSQL take pg_dump, or .jsonl.gz.

    [bold]Examples[/bold]

      moa-scorer storage backup records-monday.db

      moa-scorer storage backup all.jsonl.gz
    """
    from moa_scorer.app.storage_copies import back_up

    _, url = _chosen(config, database)
    if file.exists():
        fail(f"{file} is there already: name another file, or delete it", Exit.REJECTED)
    with told():
        typer.echo(back_up(url, file, portable=file.name.endswith(PORTABLE)))


@storage.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `backup` has written.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the SQLite database that is there.")
    ] = False,
    config: Config = None,
    database: DatabaseUrl = None,
) -> None:
    """Puts a backup back. Stop all servers first.

    Lines of JSON go into an empty database of any kind: that is also how to move from SQLite to PostgreSQL.

    [bold]Examples[/bold]

      moa-scorer storage restore records-monday.db --overwrite

      moa-scorer storage restore all.jsonl.gz --database postgresql://scorer@db/records
    """
    from moa_scorer.app.storage_copies import put_back

    _, url = _chosen(config, database)
    with told():
        typer.echo(put_back(url, file, portable=file.name.endswith(PORTABLE), overwrite=overwrite))


def _chosen(config: Path | None, database: str | None) -> "tuple[Settings, str]":
    """The settings, and the URL of the database that is meant."""
    from moa_scorer.app.serving.memory import database_url

    settings = settings_of(config, database=database)
    log_quietly(settings)
    url = database_url(settings)
    if not url:
        fail("`database` is off: no records are kept. Name one with --database", Exit.REJECTED)
    return settings, url
