"""Options of commands that read stored records."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

Records = Annotated[
    Path | None,
    typer.Option(
        "--records",
        metavar="FILE",
        help="A backup of `moa-scorer storage backup`. Default: the database in the settings.",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        metavar="DATE",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        help="Records from this day or instant on, UTC.",
    ),
]
OfPanel = Annotated[str, typer.Option("--of-panel", metavar="PANEL", help="Records of this panel.")]
OfRubric = Annotated[str, typer.Option("--of-rubric", metavar="RUBRIC", help="Records of this rubric.")]
OfPolicy = Annotated[str, typer.Option("--of-policy", metavar="POLICY", help="Records of this policy.")]

NO_RECORD = "no stored record is meant: look at --since, the --of-… options and --records"


def in_utc(instant: datetime | None) -> datetime | None:
    """What the command line means by an instant."""
    return instant and instant.replace(tzinfo=UTC)
