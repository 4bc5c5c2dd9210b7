"""`moa-scorer keys …`: API keys, of which the database keeps only digests."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail, say, told
from moa_scorer.app.cli.options import Config, log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings

keys = typer.Typer(
    help="Creates, lists and revokes API keys. A server asks for them with the setting `auth.api_keys`.",
    no_args_is_help=True,
)


@keys.command()
def create(
    name: Annotated[str, typer.Option("--name", "-n", help="Whose key it is; stands in the audit log.")],
    tenant: Annotated[
        str, typer.Option("--tenant", "-t", help="Whose records, cache and quota its calls are.")
    ] = "default",
    role: Annotated[
        list[str] | None,
        typer.Option("--role", "-r", help="score, rate, audit, erase, jobs or admin; more than one: again."),
    ] = None,
    days: Annotated[
        float | None, typer.Option("--days", min=0.001, help="Days until it expires. Default: never.")
    ] = None,
    config: Config = None,
) -> None:
    """Makes a key and prints it, once: nobody can read it again. The audit log says who made it.

    Its digest goes into the database of the settings, which standard error names: say the --config of the
    server that is to take the key.

    [bold]Examples[/bold]

      moa-scorer keys create --name forum --tenant acme --role score

      moa-scorer keys create -n ops -t acme -r admin --days 30 --config production.toml > ops.key
    """
    import asyncio

    from moa_scorer.app.keys import made
    from moa_scorer.app.serving.memory import database_words
    from moa_scorer.domain.caller import Caller, Role
    from moa_scorer.domain.tenant import TENANT_WORDS, Tenant, is_tenant

    unknown = [word for word in role or () if word not in list(Role)]
    if not is_tenant(tenant):
        fail(f"a tenant's name is {TENANT_WORDS}", Exit.USAGE)
    if unknown or not name.strip():
        wrong = f"there is no role {unknown[0]!r}" if unknown else "the name must not be empty"
        fail(f"{wrong}; roles are {', '.join(Role)}", Exit.USAGE)
    caller = Caller(name=name, tenant=Tenant(tenant), roles=frozenset(map(Role, role or [Role.SCORE])))
    settings = _quiet(config)
    with told():
        key = asyncio.run(made(settings, caller, None if days is None else timedelta(days=days)))
    typer.echo(key)
    say(f"its digest is kept in {database_words(settings)}; servers of that database take the key")


@keys.command("list")
def list_(config: Config = None) -> None:
    """Shows the keys, without the keys."""
    import asyncio

    from rich.table import Table

    from moa_scorer.app.cli.console import console_on, whole
    from moa_scorer.app.keys import listed

    with told():
        found = asyncio.run(listed(_quiet(config)))
    table = Table("id", "name", "tenant", "roles", "created", "state", box=None)
    for key, state in found:
        roles = " ".join(sorted(key.caller.roles))
        table.add_row(
            key.id, key.caller.name, key.caller.tenant, roles, f"{key.created:%Y-%m-%d %H:%M}", state
        )
    shown = whole(table, "id", "tenant", "created", "state")
    console_on().print(shown if found else "no keys yet: moa-scorer keys create --help")


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `moa-scorer keys list` shows it.")],
    config: Config = None,
) -> None:
    """Ends a key for good. Servers refuse it within five seconds."""
    import asyncio

    from moa_scorer.app.keys import revoked

    with told():
        if not asyncio.run(revoked(_quiet(config), key_id)):
            fail(f"there is no key {key_id} that could be revoked", Exit.REJECTED)
    typer.echo(f"{key_id} is revoked")


def _quiet(config: Config) -> "Settings":
    settings = settings_of(config)
    log_quietly(settings)
    return settings
