"""`moa-scorer judges`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moa_scorer.app.cli.exits import told
from moa_scorer.app.cli.options import CatalogDir, Config, ModelsDir, log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application
    from moa_scorer.domain.panel import Panel


def judges(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of a table.")] = False,
    config: Config = None,
    catalog_dir: CatalogDir = None,
    models_dir: ModelsDir = None,
) -> None:
    """Lists the judges: what they answer, in which languages, where they run, whether they are ready.

    A judge that is not ready abstains and says why; the others go on without it.
    """
    import asyncio

    from moa_scorer.app.compose import compose

    settings = settings_of(config, catalog_dir=catalog_dir, models_dir=models_dir)
    log_quietly(settings)
    with told():
        application = compose(settings)
    try:
        rows = asyncio.run(_rows(application))
    finally:
        application.close()
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        _print(rows)


async def _rows(application: "Application") -> list[dict[str, Any]]:
    missing = await application.missing_judges()
    panels = application.catalog.panels
    return [
        {
            "name": name,
            "title": judge.profile.title,
            "criteria": list(judge.profile.criteria),
            "languages": list(judge.profile.languages),
            "local": judge.profile.local,
            "family": judge.profile.family,
            "endpoint": judge.profile.endpoint,
            "model": judge.profile.model,
            "panels": [panel.revision for panel in panels if name in _sitting(panel)],
            "ready": name not in missing,
            "missing": missing.get(name, ""),
        }
        for name, judge in application.catalog.judges.items()
    ]


def _sitting(panel: "Panel") -> set[str]:
    """The judges of the catalogue that sit in a panel, under whatever names."""
    return {panel.seats.get(name, name) for name in panel.judges}


def _runs(row: dict[str, Any]) -> str:
    """Where content goes: nowhere, to one of the operator's own endpoints, or to a vendor."""
    if not row["endpoint"]:
        return "here"
    return row["endpoint"] if row["local"] else f"{row['endpoint']} (vendor)"


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from moa_scorer.app.cli.console import console_on, whole

    table = Table(box=None, pad_edge=False)
    for heading in ("judge", "criteria", "languages", "runs", "state", "what it is"):
        table.add_column(heading)
    for row in rows:
        table.add_row(
            f"[bold]{row['name']}[/bold]",
            ", ".join(row["criteria"]) or "the rubric's",
            ", ".join(row["languages"]) or "any",
            _runs(row),
            "[green]ready[/green]" if row["ready"] else "[red]missing[/red]",
            row["title"],
        )
    console = console_on()
    console.print(whole(table, "judge"))
    for row in rows:
        if not row["ready"]:
            console.print(f"[red]{row['name']}[/red]: {row['missing']}", highlight=False, soft_wrap=True)
