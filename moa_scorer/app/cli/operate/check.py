"""`moa-scorer check`."""

from pathlib import Path
from typing import Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail, say
from moa_scorer.app.cli.options import CatalogDir, Config


def check(
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="Catalogue to check; default: the one in the settings, and the packaged one.",
        ),
    ] = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Checks settings, endpoints, judges, panels, rubrics, policies and snapshots without starting anything.

    Every mistake is a line on stderr with file and path; the exit status is 1 when there is one. Without
    mistakes it says of every endpoint where its key stands, of those that the default panel asks what is
    known of prices and how traffic to them is held in bounds, and what tenants may use. Nothing is called; a
    key that is missing is no mistake: its judges abstain.

    [bold]Examples[/bold]

      moa-scorer check

      moa-scorer check ./catalogue --config production.toml

      MOA_SCORER_PANEL=frontier moa-scorer check
    """
    if directory is not None and catalog_dir is not None:
        fail("name one catalogue: DIR or --catalog-dir DIR", Exit.USAGE)
    from moa_scorer.app.checks import check_everything

    report = check_everything(config, directory or catalog_dir)
    for mistake in report.mistakes:
        say(mistake)
    if report.mistakes:
        count = len(report.mistakes)
        say(f"{count} mistake{'s' if count > 1 else ''}")
        raise typer.Exit(Exit.REJECTED)
    typer.echo(f"all well: {report.found}")
    for line in (*report.warnings, *report.endpoints, *report.quotas):
        typer.echo(line)
