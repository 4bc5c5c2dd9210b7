"""`moa-scorer admin …`: what operators do to running servers, and who did what."""

from datetime import datetime
from typing import Annotated, Any

import typer

from moa_scorer.app.cli.exits import told
from moa_scorer.app.cli.operate.admin_calls import At, asked
from moa_scorer.app.cli.options import Config, log_quietly, settings_of, taking

EPILOG = """\
[bold]Examples[/bold]

  moa-scorer admin judges --server 127.0.0.1:50052

  moa-scorer admin quarantine gpt --reason "bills twice" --hours 4

  moa-scorer admin rollback news.summary.mine --reason "complaints since Monday"

  moa-scorer admin audit --since 2026-11-01

[bold]Credentials[/bold]

  an API key or token of role admin in the environment variable MOA_SCORER_TOKEN, or a client certificate in
  MOA_SCORER_CERTIFICATE and …_CERTIFICATE_KEY; MOA_SCORER_AUTHORITY says whose certificate the server has,
  by default the one in the settings
"""

admin = typer.Typer(
    help="Takes judges out and puts them back, promotes and rolls back snapshots, reloads, drains, audits.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Reason = Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why; kept in the audit log.")]
Judge = Annotated[str, typer.Argument(metavar="JUDGE", help="As `judges` names it.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
Hours = Annotated[
    float | None, typer.Option("--hours", min=0.01, help="Until it is in service again. Default: for good.")
]
DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def judges(at: At, as_json: AsJson = False) -> None:
    """Lists every judge: whether it is asked, why not, and how its endpoint stands."""
    from moa_scorer.api.v1.admin_service_pb2 import ListJudgeHealthRequest
    from moa_scorer.app.cli.operate.admin_tables import print_json, print_judges

    found = asked(at, "ListJudgeHealth", ListJudgeHealthRequest()).judges
    print_json(found) if as_json else print_judges(found)


def quarantine(judge: Judge, reason: Reason, at: At, hours: Hours = None) -> None:
    """Takes a judge out of every panel, on all servers of the database, within about two seconds."""
    from datetime import UTC, timedelta

    from moa_scorer.api.v1.admin_service_pb2 import QuarantineJudgeRequest
    from moa_scorer.app.cli.operate.admin_tables import print_judges

    request = QuarantineJudgeRequest(judge=judge, reason=reason)
    if hours is not None:
        request.end_time.FromDatetime(datetime.now(UTC) + timedelta(hours=hours))
    print_judges([asked(at, "QuarantineJudge", request).judge])


def restore(judge: Judge, at: At, reason: Reason = "") -> None:
    """Puts a judge back."""
    from moa_scorer.api.v1.admin_service_pb2 import RestoreJudgeRequest
    from moa_scorer.app.cli.operate.admin_tables import print_judges

    request = RestoreJudgeRequest(judge=judge, reason=reason)
    print_judges([asked(at, "RestoreJudge", request).judge])


def snapshots(at: At, as_json: AsJson = False) -> None:
    """Lists which version of each snapshot serves, and what alarms are open."""
    from moa_scorer.api.v1.admin_service_pb2 import ListSnapshotStatesRequest
    from moa_scorer.app.cli.operate.admin_tables import print_json, print_states

    found = asked(at, "ListSnapshotStates", ListSnapshotStatesRequest()).states
    print_json(found) if as_json else print_states(found)


def promote(
    snapshot: Annotated[str, typer.Argument(metavar="NAME@VERSION", show_default=False)],
    reason: Reason,
    at: At,
) -> None:
    """Lets a version serve again that has served before; a new candidate needs `snapshots promote`."""
    from moa_scorer.api.v1.admin_service_pb2 import PromoteSnapshotRequest
    from moa_scorer.app.cli.operate.admin_tables import print_states

    request = PromoteSnapshotRequest(snapshot=snapshot, reason=reason)
    print_states([asked(at, "PromoteSnapshot", request).state])


def rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="rubric.kind.panel", show_default=False)],
    reason: Reason,
    at: At,
) -> None:
    """Lets the version serve again that the present one replaced."""
    from moa_scorer.api.v1.admin_service_pb2 import RollBackSnapshotRequest
    from moa_scorer.app.cli.operate.admin_tables import print_states

    request = RollBackSnapshotRequest(name=name, reason=reason)
    print_states([asked(at, "RollBackSnapshot", request).state])


def reload(at: At) -> None:
    """Reads the catalogue's files again, and says what changed or which mistakes there are."""
    from moa_scorer.api.v1.admin_service_pb2 import ReloadConfigurationRequest

    found = asked(at, "ReloadConfiguration", ReloadConfigurationRequest())
    for change in found.changes or ["nothing changed"]:
        typer.echo(change)


def drain(at: At, reason: Reason = "") -> None:
    """Stops the server as SIGTERM does: no new calls, those in flight end, then the processes do."""
    from moa_scorer.api.v1.admin_service_pb2 import DrainServerRequest

    asked(at, "DrainServer", DrainServerRequest(reason=reason))
    typer.echo("the server stops")


def audit(
    since: Annotated[
        datetime | None, typer.Option("--since", formats=DATES, help="From then on, UTC. Default: all.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Lists who did what, from the settings' database, the oldest first; no server has to run."""
    import asyncio
    from datetime import UTC

    from moa_scorer.app.audit_entries import entries
    from moa_scorer.app.cli.operate.admin_tables import print_entries, print_json

    settings = settings_of(config)
    log_quietly(settings)
    with told():
        found = asyncio.run(entries(settings, since.replace(tzinfo=UTC) if since else None))
    print_json(found) if as_json else print_entries(found)


def _add(*commands: Any) -> None:
    for command in commands:
        admin.command(help=command.__doc__)(taking(At, command))


_add(judges, quarantine, restore, snapshots, promote, rollback, reload, drain)
admin.command()(audit)
