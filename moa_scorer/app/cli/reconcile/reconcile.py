"""`moa-scorer reconcile`."""

import sys
from typing import Annotated, Any, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import CatalogDir, Config, settings_of
from moa_scorer.app.cli.score.score import Amount, Form, Kind, Language, Output, Policy, Server, ViewName
from moa_scorer.app.cli.study.options import TableOptions, takes_table

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer reconcile ballots.jsonl --snapshot mine.json.gz --kind summary > scores.jsonl

  moa-scorer reconcile logs.csv --judge-columns 'score_*' --snapshot mine.json.gz --kind summary

  moa-scorer reconcile ballots.jsonl --snapshot mine.summary.mine@1 --server 127.0.0.1:50051

  echo '{"id": "7", "judges": {"gpt": {"fluency": 4}, "claude": {"fluency": [3, 4, 4]}}}' \\
    | moa-scorer reconcile - --snapshot mine.json.gz --kind summary --view full

[bold]An answer[/bold] is a number on the judge's own scale, a list of numbers (samples), null where the reply
held none, the name of an abstention ("timeout", "refused" …), or an object with score, samples, distribution
([[3, 0.2], [4, 0.8]]) or abstention.
"""

Ballots = Annotated[
    str,
    typer.Argument(
        metavar="BALLOTS",
        help='JSON lines, or - for stdin: {"id": "7", "judges": {"JUDGE": {"CRITERION": 4}}}. Or a table, '
        "as for fit: .csv, .tsv or .parquet.",
        show_default=False,
    ),
]
By = Annotated[
    str,
    typer.Option("--snapshot", help="A file that fit wrote, or the name of one in the catalogue."),
]
PanelOf = Annotated[
    str, typer.Option("--panel", "-p", help="Without a snapshot: the panel that the judges are of.")
]
RubricOf = Annotated[str, typer.Option("--rubric", "-r", help="Without a snapshot: the rubric.")]
Quorum = Annotated[int | None, typer.Option("--quorum", min=1, help="Judges that must have answered.")]


@takes_table
def reconcile(
    ballots: Ballots,
    table: TableOptions,
    snapshot: By = "",
    panel: PanelOf = "",
    rubric: RubricOf = "",
    kind: Kind = "",
    language: Language = "",
    policy: Policy = "",
    quorum: Quorum = None,
    view: Amount = None,
    output: Form = None,
    server: Server = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Gives the verdict on ballots of your own judges: calibrated scores with intervals; nobody is asked.

    The snapshot was fitted to the same judges (moa-scorer fit) and knows their scales: a score outside its
    judge's scale counts as an abstention. A bad line is named and skipped; every line gives one line of
    output, in order. Exit statuses are those of score.
    """
    if bool(snapshot) == bool(panel):
        fail("name --snapshot FILE|NAME (moa-scorer fit makes one), or else --panel", Exit.USAGE)
    from moa_scorer.app.cli.reconcile.reconciling import Wanted, run
    from moa_scorer.app.cli.score.items import BadInput
    from moa_scorer.app.cli.study.reading import columns_of
    from moa_scorer.client import OwnBallots

    form = output or (Output.TABLE if sys.stdout.isatty() else Output.JSONL)
    said: dict[str, Any] = {"kind": kind, "language": language, "policy": policy, "quorum": quorum}
    wanted = Wanted(
        source=ballots,
        output=form.value,
        view=(view or ViewName.SCORE).value,
        snapshot=snapshot,
        server=server,
        settings=None if server else settings_of(config, catalog_dir=catalog_dir),
        columns=columns_of(table),
    )
    try:
        raise typer.Exit(run(wanted, OwnBallots(judges={}, panel=panel, rubric=rubric, **said)))
    except BadInput as error:
        fail(str(error), Exit.REJECTED)
    except KeyboardInterrupt:
        fail("interrupted", Exit.INTERRUPTED)
