"""`moa-scorer score`."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import CatalogDir, Config, ModelsDir, settings_of

if TYPE_CHECKING:
    from moa_scorer.client import View


class Output(StrEnum):
    """Forms of the answer."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


class ViewName(StrEnum):
    """How much of the answer."""

    DECISION = "decision"
    SCORE = "score"
    BALLOTS = "ballots"
    FULL = "full"


def score(
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The text itself; - reads it from stdin.")
    ] = None,
    file: Annotated[str | None, typer.Option("--file", "-f", help="Read the text from a file.")] = None,
    jsonl: Annotated[
        str | None,
        typer.Option("--jsonl", help='Score every line of a file (or -): {"text": "…", "kind": "…", …}.'),
    ] = None,
    kind: Annotated[str, typer.Option("--kind", "-k", help="comment, summary, story, … : what it is.")] = "",
    language: Annotated[str, typer.Option("--language", "-l", help="ISO 639-1; else detected.")] = "",
    title: Annotated[str, typer.Option("--title", help="Its headline.")] = "",
    context: Annotated[
        str, typer.Option("--context", "-c", help="What it answers or condenses; @FILE reads a file.")
    ] = "",
    panel: Annotated[str, typer.Option("--panel", "-p", help="name or name@version.")] = "",
    rubric: Annotated[str, typer.Option("--rubric", "-r", help="name or name@version.")] = "",
    policy: Annotated[str, typer.Option("--policy", help="Turns the score into a decision.")] = "",
    budget: Annotated[
        float | None, typer.Option("--budget", "-b", min=0.02, help="Seconds that an item may take.")
    ] = None,
    view: Annotated[
        ViewName | None, typer.Option("--view", help="How much to say; default: score, in a table ballots.")
    ] = None,
    output: Annotated[
        Output | None, typer.Option("--output", "-o", help="Default: a table on a terminal, else JSON.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target", "-t", envvar="MOA_SCORER_TARGET", help="Score on the server at host:port instead."
        ),
    ] = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
    models_dir: ModelsDir = None,
) -> None:
    """Scores texts, in this process or on a server.

    A score lies in 0…1, higher is better. Only with a VALID certificate is it a calibrated measurement with
    an interval; otherwise it is an ordering, and the table says so. A bad line of JSONL is named and skipped;
    every line gives one line of output, in order.

    [bold]Examples[/bold]

      moa-scorer score "Great post, thanks!" --kind comment --policy comments

      moa-scorer score --file story.txt --kind story --context @prompt.txt

      moa-scorer score --jsonl items.jsonl --target 127.0.0.1:50051 > scores.jsonl

      pbpaste | moa-scorer score - --view full --output json
    """
    if sum(source is not None for source in (text, file, jsonl)) != 1:
        fail("name one text: TEXT, - for stdin, --file FILE or --jsonl FILE", Exit.USAGE)
    from moa_scorer.app.cli.items import BadInput, read_text
    from moa_scorer.app.cli.scoring import Asked, run
    from moa_scorer.client.requests import Item

    try:
        item = Item(
            text="",
            kind=kind,
            language=language,
            title=title,
            context=read_text(context[1:]) if context.startswith("@") else context,
            panel=panel,
            rubric=rubric,
            policy=policy,
            budget=budget,
        )
        settings = None if target else settings_of(config, catalog_dir=catalog_dir, models_dir=models_dir)
        form = output or _usual(many=jsonl is not None)
        asked = Asked(
            text=text,
            file=file,
            jsonl=jsonl,
            defaults=item,
            output=form.value,
            view=_view(view, form),
            target=target,
            settings=settings,
        )
        code = run(asked)
    except BadInput as error:
        fail(str(error), Exit.REJECTED)
    except KeyboardInterrupt:
        fail("interrupted", Exit.INTERRUPTED)
    raise typer.Exit(code)


def _usual(*, many: bool) -> Output:
    if sys.stdout.isatty():
        return Output.TABLE
    return Output.JSONL if many else Output.JSON


def _view(view: ViewName | None, form: Output) -> "View":
    if view is not None:
        return view.value
    return "ballots" if form is Output.TABLE else "score"
