"""The shelf that a command changes: a folder that is named, else that of the settings' catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import settings_of

if TYPE_CHECKING:
    from moa_scorer.learning.loop.promotion import Shelf

ShelfFolder = Annotated[
    Path | None,
    typer.Option(
        "--shelf",
        metavar="FOLDER",
        help="Folder of the snapshots, with their states. Default: snapshots/ of the settings' catalogue.",
    ),
]


@contextmanager
def shelf_of(name: str, folder: Path | None, config: Path | None) -> "Iterator[Shelf]":
    """The snapshots of a name, packaged ones beside, while no other process changes them.

    Ends the command where there is no folder; raises ConfigurationError.
    """
    from moa_scorer.app.files.catalogue import defaults_dir
    from moa_scorer.calibration.files import read_snapshot
    from moa_scorer.learning.loop.alone import alone_in
    from moa_scorer.learning.loop.promotion import open_shelf

    place = folder or _of_catalogue(config)
    if not place.is_dir():
        fail(f"--shelf: there is no folder {place}", Exit.USAGE)
    packaged = sorted((defaults_dir() / "snapshots").glob(f"{name}*.json.gz"))
    with alone_in(place):
        yield open_shelf(place, name, [read_snapshot(path) for path in packaged])


def _of_catalogue(config: Path | None) -> Path:
    from moa_scorer.app.calibrating import SNAPSHOTS

    catalog_dir = settings_of(config).catalog_dir
    if catalog_dir is None:
        fail("--shelf: name a folder, for the settings name no `catalog_dir`", Exit.USAGE)
    return catalog_dir / SNAPSHOTS
