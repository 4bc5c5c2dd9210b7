"""`moa-scorer snapshots …`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import CatalogDir, Config, log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.aggregation.portable import Portable
    from moa_scorer.app.cli.snapshots.choice import Chosen
    from moa_scorer.scoring.catalog import Catalog

EPILOG = """\
[bold]Examples[/bold]

  moa-scorer snapshots list

  moa-scorer snapshots show mine.json.gz

  moa-scorer snapshots export mine.json.gz --masks all --out portable.json.gz

  moa-scorer snapshots schema portable > portable.schema.json
"""

snapshots = typer.Typer(
    help="Lists, shows, exports, promotes and rolls back calibration snapshots.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Name = Annotated[
    str,
    typer.Argument(metavar="FILE|NAME", help="A file, or a name of the catalogue.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


class Masks(StrEnum):
    """Which sets of columns are worked out."""

    USUAL = "usual"
    ALL = "all"


class Layout(StrEnum):
    """Files that have a schema."""

    SNAPSHOT = "snapshot"
    PORTABLE = "portable"


@snapshots.command(name="list")
def list_snapshots(as_json: AsJson = False, config: Config = None, catalog_dir: CatalogDir = None) -> None:
    """Lists the snapshots of the catalogue: what they are for, and what they rest on."""
    from moa_scorer.app.cli.snapshots.tables import print_list

    print_list(_catalog(config, catalog_dir).snapshots, as_json=as_json)


@snapshots.command()
def show(name: Name, as_json: AsJson = False, config: Config = None, catalog_dir: CatalogDir = None) -> None:
    """Shows one snapshot: reversed judges first, then certificate, effective votes, origin and columns."""
    from moa_scorer.app.cli.snapshots.tables import print_one

    print_one(_choose(name, config, catalog_dir).snapshot, as_json=as_json)


@snapshots.command()
def export(
    name: Name,
    out: Annotated[Path, typer.Option("--out", "-o", help="portable.json, or .json.gz to compress it.")],
    masks: Annotated[
        Masks,
        typer.Option(help="all: every subset of at most ten judges; usual: those that happen."),
    ] = Masks.USUAL,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Writes a snapshot with its weights worked out, for serving in any language.

    The recipe stands in the schema (moa-scorer snapshots schema portable). Each mask, a set of columns that
    have an answer, has weights and intervals of its own; what is not in the file has no score.
    """
    chosen = _choose(name, config, catalog_dir)
    try:
        _write(_worked_out(chosen, every=masks is Masks.ALL), out)
    except ValueError as error:
        fail(str(error), Exit.REJECTED)
    except OSError as error:
        fail(f"{out}: cannot be written: {error.strerror}", Exit.REJECTED)


@snapshots.command()
def schema(
    layout: Annotated[Layout, typer.Argument(help="Of which file.")] = Layout.SNAPSHOT,
) -> None:
    """Prints the JSON Schema of a snapshot file, or of its portable form with the recipe for serving."""
    import json

    from moa_scorer.aggregation.schemas import portable_schema, snapshot_schema

    made = portable_schema() if layout is Layout.PORTABLE else snapshot_schema()
    typer.echo(json.dumps(made, indent=1, ensure_ascii=False))


def _catalog(config: Path | None, catalog_dir: Path | None) -> "Catalog":
    from moa_scorer.app.compose import catalog_of

    settings = settings_of(config, catalog_dir=catalog_dir)
    log_quietly(settings)
    with told():
        return catalog_of(settings)


def _choose(name: str, config: Path | None, catalog_dir: Path | None) -> "Chosen":
    from moa_scorer.app.cli.snapshots.choice import choose

    catalog = _catalog(config, catalog_dir)
    with told():
        return choose(catalog, name)


def _worked_out(chosen: "Chosen", *, every: bool) -> "Portable":
    from moa_scorer.aggregation.portable import masks_of, portable
    from moa_scorer.app.cli.progress import Progress

    masks = masks_of(chosen.snapshot, every=every)
    with Progress(len(masks), "weighing") as bar:
        return portable(
            chosen.snapshot, masks, rubric=chosen.rubric, panel=chosen.panel, progress=bar.advance
        )


def _write(worked_out: "Portable", out: Path) -> None:
    """Same value, same bytes."""
    import gzip
    import json

    from moa_scorer.aggregation.portable import document

    text = json.dumps(document(worked_out), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    raw = text.encode() + b"\n"
    out.write_bytes(gzip.compress(raw, 9, mtime=0) if out.suffix == ".gz" else raw)
    typer.echo(f"{out}: {len(worked_out.masks)} masks of {worked_out.snapshot}")
