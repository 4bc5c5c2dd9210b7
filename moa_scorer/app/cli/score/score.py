"""`moa-scorer score`."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import CatalogDir, Config, ModelsDir, at_server, dollars, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.cli.score.scoring import Asked
    from moa_scorer.client import View

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer score "Great post, thanks!" --kind comment --policy comments

  moa-scorer score --file story.txt --kind story --context @prompt.txt

  moa-scorer score --jsonl items.jsonl --server 127.0.0.1:50051 > scores.jsonl

  cat letter.txt | moa-scorer score - --view full --output json

  moa-scorer score --file essay.txt --panel frontier --producer gpt --cost-ceiling 0.02
"""


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


MODELS: Final = "Judges that are language models"

Words = Annotated[str | None, typer.Argument(metavar="[TEXT]", help="The text; - reads it from stdin.")]
File = Annotated[str | None, typer.Option("--file", "-f", help="Read the text from a file.")]
Lines = Annotated[
    str | None, typer.Option("--jsonl", help='Score every line of a file (or -): {"text": "…", "kind": "…"}.')
]
Kind = Annotated[str, typer.Option("--kind", "-k", help="What it is: comment, summary, story, answer …")]
Language = Annotated[str, typer.Option("--language", "-l", help="ISO 639-1; else it is detected.")]
Title = Annotated[str, typer.Option("--title", help="Its headline.")]
Context = Annotated[
    str, typer.Option("--context", "-c", help="What it answers or condenses; @FILE reads a file.")
]
Panel = Annotated[str, typer.Option("--panel", "-p", help="name or name@version.")]
Rubric = Annotated[str, typer.Option("--rubric", "-r", help="name or name@version.")]
Policy = Annotated[str, typer.Option("--policy", help="Turns the score into a decision.")]
Budget = Annotated[float | None, typer.Option("--budget", "-b", min=0.02, help="Seconds an item may take.")]
Producer = Annotated[
    str,
    typer.Option(
        help="The model that wrote the text, if one did: its own family does not judge it.",
        rich_help_panel=MODELS,
    ),
]
CostCeiling = Annotated[
    float | None,
    typer.Option(min=0, callback=dollars, help="US dollars that an item may cost.", rich_help_panel=MODELS),
]
LocalOnly = Annotated[
    bool,
    typer.Option(
        "--local-only", help="Show the text to no machine but the operator's own.", rich_help_panel=MODELS
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        min=0, max=2**31 - 1, help="Fixes sampling where endpoints honour it.", rich_help_panel=MODELS
    ),
]
Amount = Annotated[
    ViewName | None, typer.Option("--view", help="How much to say; default: score, in a table ballots.")
]
Form = Annotated[
    Output | None, typer.Option("--output", "-o", help="Default: a table on a terminal, else JSON.")
]
Server = Annotated[str | None, at_server("Score on this server.", envvar="MOA_SCORER_SERVER")]


def score(
    text: Words = None,
    file: File = None,
    jsonl: Lines = None,
    kind: Kind = "",
    language: Language = "",
    title: Title = "",
    context: Context = "",
    panel: Panel = "",
    rubric: Rubric = "",
    policy: Policy = "",
    budget: Budget = None,
    producer: Producer = "",
    cost_ceiling: CostCeiling = None,
    local_only: LocalOnly = False,
    seed: Seed = 0,
    view: Amount = None,
    output: Form = None,
    server: Server = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
    models_dir: ModelsDir = None,
) -> None:
    """Scores texts, in this process or on a server.

    A score lies in 0…1, higher is better. Only with a VALID certificate is it a calibrated measurement with
    an interval; otherwise it is an ordering. A bad line of JSONL is named and skipped; every line gives one
    line of output, in order.
    """
    if sum(source is not None for source in (text, file, jsonl)) != 1:
        fail("name one text: TEXT, - for stdin, --file FILE or --jsonl FILE", Exit.USAGE)
    from moa_scorer.app.cli.score.scoring import Asked, Source

    form = output or _usual(many=jsonl is not None)
    said: dict[str, Any] = {"kind": kind, "language": language, "title": title, "context": context}
    said |= {"panel": panel, "rubric": rubric, "policy": policy, "budget": budget, "producer": producer}
    said |= {"cost_ceiling": cost_ceiling, "local_only": local_only, "seed": seed}
    asked = Asked(
        source=Source(text=text, file=file, jsonl=jsonl),
        output=form.value,
        view=_view(view, form),
        server=server,
        settings=None if server else settings_of(config, catalog_dir=catalog_dir, models_dir=models_dir),
    )
    raise typer.Exit(_run(asked, said))


def _run(asked: "Asked", said: dict[str, Any]) -> Exit:
    from moa_scorer.app.cli.score.items import BadInput, read_text
    from moa_scorer.app.cli.score.scoring import run
    from moa_scorer.client.requests import Item

    try:
        if said["context"].startswith("@"):
            said["context"] = read_text(said["context"][1:])
        return run(asked, Item(text="", **said))
    except BadInput as error:
        fail(str(error), Exit.REJECTED)
    except KeyboardInterrupt:
        fail("interrupted", Exit.INTERRUPTED)


def _usual(*, many: bool) -> Output:
    if sys.stdout.isatty():
        return Output.TABLE
    return Output.JSONL if many else Output.JSON


def _view(view: ViewName | None, form: Output) -> "View":
    if view is not None:
        return view.value
    return "ballots" if form is Output.TABLE else "score"
