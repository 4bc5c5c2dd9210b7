"""Options that several commands share."""

import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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


def at_server(what: str, **more: Any) -> Any:
    """The option of every command that can ask a server: which one."""
    return typer.Option("--server", "-s", metavar="HOST:PORT", help=what, show_default=False, **more)


def dollars(value: float | None) -> float | None:
    """An amount as it was given; ends the command where it is no finite number."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter("should be a number of dollars")
    return value


def taking(kind: type[Any], command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of that type, a dataclass."""
    parameters = inspect.signature(command).parameters.values()
    taken = next(p.name for p in parameters if p.annotation is kind)
    own = [p.replace(kind=p.KEYWORD_ONLY) for p in parameters if p.name != taken]
    added = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=f.type)
        for f in fields(kind)
    ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        options = kind(**{f.name: given.pop(f.name) for f in fields(kind)})
        command(**given, **{taken: options})

    del run.__wrapped__  # typer would look through it and miss the added options
    run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *added)}
    return run


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
