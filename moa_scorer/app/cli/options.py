"""Options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings file (TOML). Default: $MOA_SCORER_CONFIG, else ./moa-scorer.toml if there is one.",
        rich_help_panel="Settings",
    ),
]
CatalogDir = Annotated[
    Path | None,
    typer.Option(
        "--catalog-dir",
        help="Directory with endpoints/, judges/, panels/, rubrics/, policies/ … over the packaged ones.",
        rich_help_panel="Settings",
    ),
]
ModelsDir = Annotated[
    Path | None,
    typer.Option("--models-dir", help="Where model files are kept.", rich_help_panel="Settings"),
]


def log_quietly(settings: "Settings") -> None:
    """Only errors on stderr, unless the settings ask for everything: a command's output is what counts."""
    from moa_scorer.telemetry import logs

    logs.configure(settings.log_format, "debug" if settings.log_level == "debug" else "error")


def settings_of(config: Path | None, **overrides: object) -> "Settings":
    """The settings in force, with what the command line says on top; ends the command when they are wrong."""
    from moa_scorer.app.cli.exits import told
    from moa_scorer.app.settings import load_settings

    with told():
        return load_settings(config, overrides)
