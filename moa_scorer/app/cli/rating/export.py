"""`moa-scorer ratings export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, say, told
from moa_scorer.app.cli.options import CatalogDir, Config, log_quietly, settings_of
from moa_scorer.app.cli.records.stored_options import Records

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings
    from moa_scorer.domain.job_order import Calibration
    from moa_scorer.learning.study.study import Study

BALLOTS: Final = ".jsonl.gz"

Kind = Annotated[str, typer.Option("--kind", "-k", help="Kind of content, such as comment.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="The ratings, with texts where they were kept.")]
Ballots = Annotated[Path, typer.Option("--ballots", help="What the judges said of the same items.")]
PanelName = Annotated[str, typer.Option("--panel", "-p", help="Default: the settings' panel.")]
RubricName = Annotated[str, typer.Option("--rubric", "-r", help="Default: the panel's for the kind.")]
Language = Annotated[str, typer.Option("--language", help="ISO 639-1 code of all texts. Default: any.")]


def export(
    kind: Kind,
    out: Out = Path("ratings.jsonl"),
    ballots: Ballots = Path("ballots.jsonl.gz"),
    panel: PanelName = "",
    rubric: RubricName = "",
    language: Language = "",
    records: Records = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Writes rated records as files that `fit`, `evaluate`, `report`, `compare` and `drift` read.

    Two files, joined by the records' names: people's ratings, and what the judges said. What `calibrate`
    would leave out is left out here as well, and told; audits are marked. Do it before `retention_days` have
    passed.

    [bold]Example[/bold]

      moa-scorer ratings export --kind comment

      moa-scorer fit ballots.jsonl.gz --ratings ratings.jsonl --panel embedded --kind comment -o mine.json.gz
    """
    from moa_scorer.domain.job_order import Calibration
    from moa_scorer.learning.study.export import write_study

    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)
    if not ballots.name.endswith(BALLOTS):
        fail(f"--ballots: {ballots} should end with {BALLOTS}", Exit.USAGE)
    with told():
        wanted = Calibration(panel=panel, rubric=rubric, kind=kind, language=language)
        study = _study(settings, wanted, records)
    for note in study.notes:
        say(note)
    if not study.items:
        fail(
            f"no record of kind {kind} is rated: `moa-scorer ratings import` hands ratings in", Exit.REJECTED
        )
    try:
        write_study(study, out, ballots)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", Exit.REJECTED)
    audits = sum(item.audit for item in study.items)
    typer.echo(f"{len(study.items):,} rated records, {audits:,} of them audits: {out} and {ballots}")


def _study(settings: "Settings", wanted: "Calibration", backup: Path | None) -> "Study":
    import asyncio

    from moa_scorer.app.calibrating import order_of
    from moa_scorer.app.compose import compose
    from moa_scorer.app.stored import stored
    from moa_scorer.domain.tenant import DEFAULT_TENANT
    from moa_scorer.learning.loop.online import rated_study

    application = compose(settings)
    try:
        order = order_of(wanted, application.catalog, settings.catalog_dir or Path(), DEFAULT_TENANT, "")
    finally:
        application.close()

    async def read() -> "Study":
        async with stored(settings, backup) as storage:
            return await rated_study(storage.records, storage.ratings, order)

    return asyncio.run(read())
