"""`moa-scorer local-llm …`."""

from pathlib import Path
from typing import Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail, say
from moa_scorer.app.cli.options import Config, ModelsDir, settings_of

local_llm = typer.Typer(
    help="Serves a language model on this machine, for the panels that ask one.", no_args_is_help=True
)


@local_llm.callback()
def _group() -> None:
    """Keeps `serve` a command of its own."""


@local_llm.command()
def serve(
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", "-m", help="A GGUF file. Default: what `moa-scorer models fetch --local-llm` brought."
        ),
    ] = None,
    address: Annotated[
        str, typer.Option("--address", "-a", help="host:port; port 0 takes a free one.")
    ] = "127.0.0.1:8080",
    threads: Annotated[
        int | None, typer.Option("--threads", "-t", min=1, help="Default: all cores but one.")
    ] = None,
    slots: Annotated[
        int, typer.Option("--slots", min=1, help="Requests that are answered side by side.")
    ] = 1,
    verbose: Annotated[bool, typer.Option("--verbose", help="What the server does, on stderr.")] = False,
    config: Config = None,
    models_dir: ModelsDir = None,
) -> None:
    """Serves a model with llama.cpp until SIGTERM or Ctrl-C, in the form of OpenAI's chat completions.

    It has no authentication: bind it to loopback. It needs `pip install "moa-scorer[local-llm]"`.
    """
    from dataclasses import replace

    from moa_scorer.app import local_llm as server

    chosen = model or _fetched(config, models_dir)
    wanted = server.local_llm(chosen, _address(address), threads=threads, slots=slots)
    try:
        server.serve_until_signal(replace(wanted, verbose=verbose), say)
    except server.CannotServe as error:
        fail(str(error), Exit.REJECTED)


def _fetched(config: Path | None, models_dir: Path | None) -> Path:
    """The fetched model, or the one that the settings give by path."""
    from moa_scorer.app.model_store import model_store
    from moa_scorer.judges.local.detector import ModelMissing
    from moa_scorer.judges.local.model_parts import GGUF

    try:
        return model_store(settings_of(config, models_dir=models_dir)).path(GGUF)
    except ModelMissing as missing:
        fail(str(missing), Exit.REJECTED)


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        fail("--address should be host:port, such as 127.0.0.1:8080", Exit.USAGE)
    return value
