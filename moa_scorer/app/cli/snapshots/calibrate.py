"""`moa-scorer calibrate`."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, say, told
from moa_scorer.app.cli.options import CatalogDir, Config, at_server, log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.cli.jobs.places import JobsAt
    from moa_scorer.app.settings import Settings
    from moa_scorer.domain.job_order import Calibration
    from moa_scorer.learning.loop.online import CalibrationOutcome

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer calibrate --kind comment --who ada

  moa-scorer calibrate --panel embedded --kind summary --who ada --now

  moa-scorer calibrate --kind comment --who ada --accept-polarity toxicity

  moa-scorer calibrate --kind comment --server 127.0.0.1:50051

[bold]Exit status[/bold]

  1 when a candidate was fitted and does not serve: it is worse, the audit is too small, or it waits
"""
STEPS: Final = 4
"""Times that a calibration says what it does, and its end."""

Kind = Annotated[str, typer.Option("--kind", "-k", help="Kind of content, such as comment.")]
PanelName = Annotated[str, typer.Option("--panel", "-p", help="Default: the settings' panel.")]
RubricName = Annotated[str, typer.Option("--rubric", "-r", help="Default: the panel's for the kind.")]
Language = Annotated[str, typer.Option("--language", help="ISO 639-1 code of all texts. Default: any.")]
Who = Annotated[
    str,
    typer.Option(
        "--who", metavar="NAME", help="Who answers for it; kept in the lineage. A server knows its callers."
    ),
]
Server = Annotated[str | None, at_server("Have this server do it, as a job, and wait for it.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-polarity", metavar="JUDGE", help="It is right that this judge scores the other way; repeat."
    ),
]
Now = Annotated[bool, typer.Option("--now", help="Fit even if fewer than 25 ratings are new.")]


def calibrate(
    kind: Kind,
    who: Who = "",
    panel: PanelName = "",
    rubric: RubricName = "",
    language: Language = "",
    accept_polarity: Accept = None,
    now: Now = False,
    server: Server = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Calibrates on the records that people have rated: fits, checks on the random audit, and promotes.

    Takes ratings from the database of the settings, as `SubmitRatings` put them there. From 25 new ratings
    on, or while a drift alarm is open, a candidate snapshot is fitted, weighted by the chance with which each
    record was chosen. It serves if it is not worse than the present one on the random audit, which no fit
    ever sees; a server with the same catalogue takes it over by itself. Nobody's judge is asked.
    """
    from moa_scorer.domain.job_order import Calibration

    wanted = Calibration(
        panel=panel,
        rubric=rubric,
        kind=kind,
        language=language,
        accepted=tuple(accept_polarity or ()),
        even_if_not_due=now,
    )
    if server:
        raise typer.Exit(_at_server(server, wanted))
    if not who:
        fail("--who is needed: somebody has to answer for it", Exit.USAGE)
    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)
    with told():
        outcome = _calibrated(settings, wanted, who)
    from moa_scorer.app.cli.jobs.words import calibrated
    from moa_scorer.contract.calibrations import calibration_message

    raise typer.Exit(calibrated(calibration_message(outcome)))


def _at_server(server: str, wanted: "Calibration") -> Exit:
    from moa_scorer.api.v1.job_service_pb2 import StartCalibrationRequest
    from moa_scorer.app.cli.jobs.runs import at_jobs
    from moa_scorer.app.cli.jobs.watch import watched

    request = StartCalibrationRequest(
        panel=wanted.panel,
        rubric=wanted.rubric,
        kind=wanted.kind,
        language=wanted.language,
        accepted_judges=wanted.accepted,
        even_if_not_due=wanted.even_if_not_due,
    )

    async def act(place: "JobsAt") -> Exit:
        operation = await place.calibrate(request)
        say(f"job {operation.name.rpartition('/')[2]}")
        return await watched(place, operation.name, works=False)

    return at_jobs(server, None, act)


def _calibrated(settings: "Settings", wanted: "Calibration", who: str) -> "CalibrationOutcome":
    import asyncio

    from moa_scorer.app.calibrating import calibrate_records
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.app.compose import compose
    from moa_scorer.app.serving.memory import opened
    from moa_scorer.domain.tenant import DEFAULT_TENANT

    async def work() -> "CalibrationOutcome":
        application = compose(settings)
        try:
            async with opened(settings, application.pipeline.clock) as found:
                application.pipeline.memory = found.memory()
                with Progress(STEPS, "calibrating") as bar:
                    return await calibrate_records(
                        application.pipeline,
                        wanted,
                        settings.catalog_dir,
                        tenant=DEFAULT_TENANT,
                        who=who,
                        tell=lambda _: bar.advance(),
                    )
        finally:
            await application.aclose()

    return asyncio.run(work())
