"""`moa-scorer evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

if TYPE_CHECKING:
    from moa_scorer.learning.protocol.findings import Evaluation
    from moa_scorer.learning.study.study import Study

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer evaluate ratings.jsonl

  moa-scorer evaluate ratings.csv --rated 100 --repeats 50 --json found.json

  moa-scorer evaluate ratings.jsonl --judges 'gpt-4o,llama*' --scores-only
"""

Rated = Annotated[
    str,
    typer.Option(
        "--rated",
        metavar="K|all",
        help="Rated items that each fit gets, drawn from 30 % of the groups; "
        "all = five folds of whole groups; 0 = no ratings at all.",
    ),
]
Repeats = Annotated[
    int | None,
    typer.Option(
        "--repeats", min=1, help="Different draws. Default: 1 for all, else 20.", show_default=False
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Of the draws and of the bootstrap.")]
Json = Annotated[
    Path | None, typer.Option("--json", help="Everything that was found, for `moa-scorer report`.")
]
Processes = Annotated[int, typer.Option("--processes", min=1, help="Splits that are run side by side.")]
ScoresOnly = Annotated[
    bool, typer.Option("--scores-only", help="The judges' scores alone: no measures of the text.")
]
NoText = Annotated[bool, typer.Option("--no-text-rival", help="Leave out the TF-IDF model, which is slow.")]
DRAWS: Final = 20
"""Default repeats where K items are drawn."""


@takes_study
def evaluate(
    data: Data,
    study: StudyOptions,
    rated: Rated = "all",
    repeats: Repeats = None,
    seed: Seed = 0,
    json: Json = None,
    processes: Processes = 2,
    scores_only: ScoresOnly = False,
    no_text_rival: NoText = False,
) -> None:
    """Proves what a panel of your own judges is worth on items that people rated, even if it is nothing.

    The panel is fitted on some of the rated items and scores the others, again and again; beside it, on the
    same items, stand the best single judge, mean, median, ridge regression, text length, a text model and one
    person against the others. Items of one group are never on both sides. Intervals are paired bootstraps
    over groups. The last lines say what to do: use the panel, use one judge, or rate more.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    items = rated_of(rated)
    studies = load_studies(data, study)
    from moa_scorer.app.cli.study.evaluation_tables import show
    from moa_scorer.learning.protocol.findings import write_evaluations

    draws = repeats or (1 if items is None else DRAWS)
    found = []
    for one in studies:
        found.append(_evaluated(one, items, draws, seed, processes, not scores_only, not no_text_rival))
        show(found[-1])
    if json is not None:
        write_evaluations(json, tuple(found))


def _evaluated(
    study: "Study", rated: int | None, repeats: int, seed: int, processes: int, measures: bool, text: bool
) -> "Evaluation":
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.app.protocol_pool import evaluated

    with Progress(repeats * (5 if rated is None else 1), f"evaluating {study.name}") as bar:
        try:
            return evaluated(
                study,
                rated=rated,
                repeats=repeats,
                seed=seed,
                processes=processes,
                measures=measures,
                text=text,
                progress=bar.advance,
            )
        except (ValueError, ImportError) as error:
            fail(f"{study.name}: {error}", Exit.REJECTED)


def rated_of(said: str) -> int | None:
    """The number of rated items; None for `all`. Anything else ends the command."""
    if said == "all":
        return None
    if not said.isdigit():
        fail(f"--rated should be a number or all, not {said!r}", Exit.USAGE)
    return int(said)
