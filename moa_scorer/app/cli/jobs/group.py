"""`moa-scorer jobs …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit
from moa_scorer.app.cli.options import CatalogDir, Config, ModelsDir, at_server, settings_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moa_scorer.api.v1.job_pb2 import JobFailure
    from moa_scorer.app.cli.jobs.places import JobsAt

EPILOG = """\
[bold]Examples[/bold]

  moa-scorer jobs list

  moa-scorer jobs resume 01K9ZV1M3QY8R6T2W4X5Z7A9BC

  moa-scorer jobs failures 01K9ZV1M3QY8R6T2W4X5Z7A9BC --json

  moa-scorer jobs wait 01K9ZV1M3QY8R6T2W4X5Z7A9BC --server 127.0.0.1:50051
"""

jobs = typer.Typer(
    help="Lists, shows, waits for, cancels, resumes and deletes jobs: backfills, calibrations, what-ifs.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Name = Annotated[str, typer.Argument(metavar="JOB", help="As `jobs list` names it.", show_default=False)]
Server = Annotated[str | None, at_server("Jobs of this server. Default: those of the database.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
MaxCost = Annotated[
    float | None, typer.Option("--max-cost", min=0, help="US dollars for all items, in place of its own.")
]


@jobs.command(name="list")
def list_jobs(as_json: AsJson = False, server: Server = None, config: Config = None) -> None:
    """Lists jobs, the newest first."""

    async def act(place: "JobsAt") -> Exit:
        from google.longrunning.operations_pb2 import ListOperationsRequest

        from moa_scorer.app.cli.jobs.words import operation_dict, print_jobs, print_json

        found = (await place.page(ListOperationsRequest(page_size=1_000))).operations
        print_json([operation_dict(each) for each in found]) if as_json else print_jobs(found)
        return Exit.OK

    _at(server, config, act)


@jobs.command()
def show(name: Name, as_json: AsJson = False, server: Server = None, config: Config = None) -> None:
    """Shows where a job stands; its result, where it has one."""

    async def act(place: "JobsAt") -> Exit:
        from moa_scorer.app.cli.jobs.words import operation_dict, outcome, print_jobs, print_json

        operation = await place.get(name)
        if as_json:
            print_json(operation_dict(operation))
            return Exit.OK
        print_jobs([operation])
        return outcome(operation) if operation.done else Exit.OK

    _at(server, config, act)


@jobs.command()
def wait(name: Name, server: Server = None, config: Config = None) -> None:
    """Waits until a job has ended, with a bar; Ctrl-C ends the waiting, not the job."""

    async def act(place: "JobsAt") -> Exit:
        from moa_scorer.app.cli.jobs.watch import watched

        return await watched(place, name, works=False)

    _at(server, config, act)


@jobs.command()
def cancel(name: Name, server: Server = None, config: Config = None) -> None:
    """Ends a job; items at work are finished first. What is done stays done, and `resume` goes on."""

    async def act(place: "JobsAt") -> Exit:
        await place.cancel(name)
        return Exit.OK

    _at(server, config, act)


@jobs.command()
def failures(name: Name, as_json: AsJson = False, server: Server = None, config: Config = None) -> None:
    """Lists the items that failed or were set aside: line, id, whether trying again helps, and why."""

    async def act(place: "JobsAt") -> Exit:
        from google.protobuf.json_format import MessageToDict

        from moa_scorer.api.v1.job_service_pb2 import ListJobFailuresRequest
        from moa_scorer.app.cli.jobs.words import print_failures, print_json

        request = ListJobFailuresRequest(name=name, page_size=1_000)
        found: list[JobFailure] = []
        while True:
            page = await place.failures(request)
            found += page.failures
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        print_json([MessageToDict(each) for each in found]) if as_json else print_failures(found)
        return Exit.OK

    _at(server, config, act)


@jobs.command()
def resume(
    name: Name,
    max_cost: MaxCost = None,
    server: Server = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
    models_dir: ModelsDir = None,
) -> None:
    """Goes on with a job that was interrupted, cancelled or stuck; tries anew what was set aside."""

    async def act(place: "JobsAt") -> Exit:
        from moa_scorer.api.v1.job_service_pb2 import ResumeJobRequest
        from moa_scorer.app.cli.jobs.watch import watched

        request = ResumeJobRequest(name=name)
        if max_cost is not None:
            request.cost_ceiling.micro_usd = round(max_cost * 1e6)
        operation = await place.resume(request)
        return await watched(place, operation.name)

    _at(server, config, act, catalog_dir=catalog_dir, models_dir=models_dir)


@jobs.command()
def delete(name: Name, server: Server = None, config: Config = None) -> None:
    """Forgets a job that has ended, not its records nor its results."""

    async def act(place: "JobsAt") -> Exit:
        await place.delete(name)
        return Exit.OK

    _at(server, config, act)


def _at(
    server: str | None,
    config: Path | None,
    act: "Callable[[JobsAt], Awaitable[Exit]]",
    **overrides: Path | None,
) -> None:
    from moa_scorer.app.cli.jobs.runs import at_jobs

    raise typer.Exit(at_jobs(server, None if server else settings_of(config, **overrides), act))
