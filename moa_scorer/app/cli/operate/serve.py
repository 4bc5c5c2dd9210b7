"""`moa-scorer serve`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import CatalogDir, Config, ModelsDir, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings


def serve(
    address: Annotated[
        str | None,
        typer.Option("--address", "-a", help="host:port; port 0 takes a free one. Default: 127.0.0.1:50051."),
    ] = None,
    panel: Annotated[
        str | None, typer.Option("--panel", "-p", help="Panel of requests that name none. Default: embedded.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", help="Processes that share the port. Default: 1.")
    ] = None,
    reflection: Annotated[
        bool | None, typer.Option("--reflection/--no-reflection", help="Describe the API to tools.")
    ] = None,
    log_format: Annotated[str | None, typer.Option("--log-format", help="auto, console or json.")] = None,
    log_level: Annotated[
        str | None, typer.Option("--log-level", help="debug, info, warning or error.")
    ] = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
    models_dir: ModelsDir = None,
) -> None:
    """Serves gRPC until SIGTERM or Ctrl-C.

    It binds to loopback; with another address the settings need [bold]auth[/bold]. The log line
    [bold]server_listening[/bold] carries the address and port, [bold]server_serving[/bold] says that the
    default panel is warm; health is NOT_SERVING before. The first signal drains, a second one ends at once.

    Files of the catalogue that change are read again within seconds, and at SIGHUP: with a mistake in any of
    them nothing is taken over, and the log line [bold]reload_refused[/bold] says what to mend.

    [bold]Examples[/bold]

      moa-scorer serve

      moa-scorer serve --address 127.0.0.1:0 --panel embedded-fast --workers 4

      MOA_SCORER_LOG_FORMAT=json moa-scorer serve --config production.toml
    """
    said = {
        "address": address,
        "panel": panel,
        "workers": workers,
        "reflection": reflection,
        "log_format": log_format,
        "log_level": log_level,
        "catalog_dir": catalog_dir,
        "models_dir": models_dir,
    }
    _run(settings_of(config, **said), config, said)


def _run(settings: "Settings", config: Path | None, said: Mapping[str, object]) -> None:
    from moa_scorer.app import threads

    threads.cap(settings.threads())
    from moa_scorer.app.serving import serve as alone
    from moa_scorer.app.serving import workers
    from moa_scorer.app.settings import Source
    from moa_scorer.telemetry import logs

    logs.configure(settings.log_format, settings.log_level, for_good=True)
    with told():
        try:
            source = Source(config=config, overrides=said)
            (alone if settings.workers == 1 else workers).run(settings, source)
        except (alone.CannotListen, workers.CannotStart) as error:
            fail(str(error), Exit.REJECTED)
