"""`moa-scorer ratings import` and `appeal`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, reject, say
from moa_scorer.app.cli.options import Config
from moa_scorer.app.cli.rating.run import Server, run, words_of

if TYPE_CHECKING:
    from moa_scorer.app.rating_files import Given
    from moa_scorer.client.feedback_calls import AsyncFeedback

AT_ONCE: Final = 500
"""Ratings handed in with one call."""
TOLD: Final = 20
"""Ratings of which it is told why they were not stored."""
STORED, KNOWN, REFUSED = "stored", "known", "refused"

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="What `rate` has written, or lines with record or content_id, rater, criterion, value.",
        show_default=False,
    ),
]
RaterName = Annotated[str, typer.Option("--rater", help="Who rated, where the file does not say.")]
SawScore = Annotated[
    bool, typer.Option("--saw-score", help="The raters knew the scores: kept, and never learnt from.")
]
Decided = Annotated[str, typer.Option("--decision", help="What holds now: accept, review or reject.")]
Value = Annotated[
    float | None, typer.Option("--value", help="What the person who decided would have rated, on the scale.")
]


def import_(
    file: File,
    rater: RaterName = "",
    saw_score: SawScore = False,
    server: Server = None,
    config: Config = None,
) -> None:
    """Hands in ratings of records, from a .jsonl, .csv, .tsv or .parquet file. Twice does no harm.

    Values are on the rubric's own scale. A rating of a record of the random audit checks snapshots; any other
    one is learnt from by [bold]calibrate[/bold]. A line that cannot be stored is told and loses no other.

    [bold]Examples[/bold]

      moa-scorer ratings import ratings.jsonl

      moa-scorer ratings import reviews.csv --rater team-a --server 127.0.0.1:50051
    """
    from moa_scorer.app.rating_files import Usual, read_given
    from moa_scorer.learning.study.mistakes import NotAStudy

    try:
        given = read_given(file, Usual(rater=rater, saw_score=saw_score))
    except NotAStudy as error:
        reject(error.mistakes)
    except OSError as error:
        fail(f"{file}: {error.strerror}", Exit.REJECTED)
    if not given:
        fail(f"{file}: holds no ratings", Exit.REJECTED)
    counts = run(lambda feedback: _handed_in(feedback, given), config, server)
    typer.echo(
        f"{counts[STORED]:,} ratings stored, {counts[KNOWN]:,} were there, {counts[REFUSED]:,} not stored"
    )
    raise typer.Exit(Exit.REJECTED if counts[REFUSED] else Exit.OK)


async def _handed_in(feedback: "AsyncFeedback", given: "Sequence[Given]") -> Counter[str]:
    """What became of the ratings -> how many."""
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.client import ScorerError

    counts: Counter[str] = Counter()
    with Progress(len(given), "handing in") as bar:
        for start in range(0, len(given), AT_ONCE):
            chunk = given[start : start + AT_ONCE]
            outcomes = await feedback.rate(each.rating for each in chunk)
            for each, outcome in zip(chunk, outcomes, strict=True):
                if isinstance(outcome, ScorerError):
                    counts[REFUSED] += 1
                    _refused(each.at, words_of(outcome), counts[REFUSED])
                else:
                    counts[KNOWN if outcome.repeated else STORED] += 1
            bar.advance_by(len(chunk))
    return counts


def _refused(at: str, why: str, number: int) -> None:
    if number <= TOLD:
        say(f"{at}: {why}")
    elif number == TOLD + 1:
        say(f"these are the first {TOLD}: there are more")


def appeal(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="`records/ID`, or the ID alone.")],
    outcome: Annotated[str, typer.Argument(help="upheld, overturned or withdrawn.")],
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Who decided; kept with it.")],
    decision: Decided = "",
    value: Value = None,
    server: Server = None,
    config: Config = None,
) -> None:
    """Says how an objection to a decision ended.

    With --value what was decided is kept as a rating, too: by somebody who saw the score, so that nothing is
    learnt from it.

    [bold]Example[/bold]

      moa-scorer ratings appeal 01KA2JZ6Q1M8T4RM5V5ZK9D3XA overturned --decision accept --who ada
    """

    async def work(feedback: "AsyncFeedback") -> bool:
        name = f"records/{record.removeprefix('records/')}"
        return await feedback.appeal(name, outcome, decided_by=who, decision=decision, value=value)

    news = run(work, config, server)
    typer.echo("stored" if news else "was there already, and nothing changed")
