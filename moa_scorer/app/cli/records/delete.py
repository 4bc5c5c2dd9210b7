"""`moa-scorer records delete`."""

from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.records.options import AsJson
from moa_scorer.app.cli.records.run import Place, run, takes_place

if TYPE_CHECKING:
    from moa_scorer.client import Deleted
    from moa_scorer.client.record_calls import AsyncRecords

EXAMPLES = """\
[bold]Examples[/bold]

  moa-scorer records delete --subject user-17 --dry-run

  moa-scorer records delete 01KA2JZ6Q1M8T4RM5V5ZK9D3XA --yes
"""
MOST_SHOWN = 20


@takes_place
def delete(
    place: Place,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RECORD]…", help="`records/ID`, or IDs.", show_default=False),
    ] = None,
    subject: Annotated[
        str, typer.Option("--subject", help="All about this subject.", show_default=False)
    ] = "",
    content_digest: Annotated[
        str,
        typer.Option(
            "--content-digest",
            metavar="SHA256",
            help="All of the text with this digest, which `records show` names.",
            show_default=False,
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deletes records and all that hangs on them: request ids, ratings, items of jobs, remembered answers.

    They cannot be had back. A backup that was made before still has them.
    """
    if sum(map(bool, (names, subject, content_digest))) != 1:
        fail("say exactly one: RECORDs, --subject or --content-digest", Exit.USAGE)

    async def work(found: "AsyncRecords") -> "Deleted":
        told = await found.delete(names or (), subject=subject, content_digest=content_digest)
        if dry_run or not told.records or not _wanted(told, yes):
            return told
        return await found.delete(
            names or (), subject=subject, content_digest=content_digest, confirm=told.records
        )

    _print(run(work, place), dry_run=dry_run, as_json=as_json)


def _wanted(told: "Deleted", yes: bool) -> bool:
    """Whether whoever is asked says yes; ends the command on a no."""
    return yes or typer.confirm(f"Delete {_records(told)} for good?", abort=True, err=True)


def _print(deleted: "Deleted", *, dry_run: bool, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps(asdict(deleted)))
    elif not deleted.records:
        typer.echo("no such record")
    elif dry_run:
        typer.echo(f"{_records(deleted)} would be deleted:")
        for name in deleted.names[:MOST_SHOWN]:
            typer.echo(f"  {name}")
        if deleted.records > MOST_SHOWN:
            typer.echo("  …")
    else:
        typer.echo(
            f"deleted {_records(deleted)}; with them request ids: {deleted.request_ids:,}, "
            f"ratings: {deleted.ratings:,}, items of jobs: {deleted.job_items:,}, "
            f"remembered answers: {deleted.cached_answers:,}"
        )


def _records(deleted: "Deleted") -> str:
    return "1 record" if deleted.records == 1 else f"{deleted.records:,} records"
