"""The options of every command that reads rated items with judges' scores, and the reading itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moa_scorer.app.cli.exits import Exit, fail, say
from moa_scorer.app.cli.options import taking

if TYPE_CHECKING:
    from moa_scorer.learning.study.study import Study

COLUMNS = "Columns of a CSV or Parquet file"
SCALES = "Scales and costs"
SUBSET = "What of it is read"

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="Rated items with judges' scores: .jsonl, .csv, .tsv or .parquet, also with .gz behind it.",
        show_default=False,
    ),
]


def _column(name: str, what: str) -> Any:
    return typer.Option(name, metavar="COLUMN", help=what, rich_help_panel=COLUMNS, show_default=False)


def _option(name: str, metavar: str, what: str, panel: str) -> Any:
    return typer.Option(name, metavar=metavar, help=what, rich_help_panel=panel, show_default=False)


Many = list[str] | None
ItemColumn = Annotated[str, _column("--item", "Id of the item. Default: item_id, item or id.")]
GroupColumn = Annotated[
    str, _column("--group", "Source document, never split. Default: group_id, group; else the item.")
]
ContentColumn = Annotated[str, _column("--content", "The text. Default: content, text.")]
ContextColumn = Annotated[str, _column("--context", "What it answers. Default: context, prompt.")]
NameColumn = Annotated[str, _column("--judge", "Long form: the judge's name. Default: judge.")]
ScoreColumn = Annotated[str, _column("--score", "Long form: the judge's score. Default: score.")]
JudgeColumn = Annotated[
    Many, _option("--judge-column", "JUDGE[.CRITERION]=COLUMN", "A judge's scores; repeat for each.", COLUMNS)
]
JudgeColumns = Annotated[
    str, _option("--judge-columns", "GLOB", "Judges' columns: * is JUDGE or JUDGE.CRITERION.", COLUMNS)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOptions:
    """What the command line says about DATA; one option a field. `takes_study` makes them of a command."""

    item: ItemColumn = ""
    group: GroupColumn = ""
    source: Annotated[str, _column("--source", "Who wrote it. Default: system_id, system, source.")] = ""
    content: ContentColumn = ""
    context: ContextColumn = ""
    criterion: Annotated[
        str, _column("--criterion", "Criterion of the line. Default: criterion, dimension; else one only.")
    ] = ""
    rating: Annotated[
        Many,
        _option(
            "--rating",
            "[CRITERION=]COLUMN",
            "Ratings, one or a list such as 3;4; repeat for each rater or criterion. "
            "Default: rating, ratings, human, and rating.CRITERION.",
            COLUMNS,
        ),
    ] = None
    rater: Annotated[str, _column("--rater", "Who rated. Default: rater, rater_id.")] = ""
    saw_score: Annotated[
        str, _column("--saw-score", "Whether the rater saw a score: not used then. Default: saw_score.")
    ] = ""
    propensity: Annotated[
        str, _column("--propensity", "Chance in (0, 1] of being chosen. Default: propensity.")
    ] = ""
    audit: Annotated[str, _column("--audit", "Random audit, kept for the gate. Default: audit.")] = ""
    judge: NameColumn = ""
    score: ScoreColumn = ""
    judge_column: JudgeColumn = None
    judge_columns: JudgeColumns = "judge.*"
    scale: Annotated[
        Many,
        _option(
            "--scale",
            "JUDGE=WORST:BEST",
            "A judge's scale, such as 'gpt*=1:5'; 9:0 where 9 is the worst. Default: as its scores look.",
            SCALES,
        ),
    ] = None
    rating_scale: Annotated[
        str, _option("--rating-scale", "LOW:HIGH", "The raters' scale. Default: as the ratings look.", SCALES)
    ] = ""
    cost: Annotated[
        Many, _option("--cost", "JUDGE=MICRO_USD", "Cost of an item in millionths of a dollar.", SCALES)
    ] = None
    name: Annotated[str, _option("--name", "NAME", "The study's name. Default: the file's.", SUBSET)] = ""
    kind: Annotated[str, _option("--kind", "KIND", "Kind of content, such as summary.", SUBSET)] = ""
    language: Annotated[str, _option("--language", "CODE", "Of all texts, such as en.", SUBSET)] = ""
    judges: Annotated[
        Many, _option("--judges", "GLOB,…", "Only these judges, such as 'gpt*,claude'.", SUBSET)
    ] = None
    criteria: Annotated[
        Many, _option("--criteria", "GLOB,…", "Only these criteria of the raters.", SUBSET)
    ] = None
    where: Annotated[
        Many, _option("--where", "COLUMN=GLOB", "Only lines whose column fits; all must fit.", SUBSET)
    ] = None
    ratings: Annotated[
        Path | None,
        _option("--ratings", "FILE", "Ratings in a file of their own, joined by the item's id.", SUBSET),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """What the command line says about a table of judges' scores alone; `takes_table` makes options of it."""

    item: ItemColumn = ""
    content: ContentColumn = ""
    context: ContextColumn = ""
    judge: NameColumn = ""
    score: ScoreColumn = ""
    judge_column: JudgeColumn = None
    judge_columns: JudgeColumns = "judge.*"


def takes_study(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of type `StudyOptions`."""
    return taking(StudyOptions, command)


def takes_table(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of type `TableOptions`."""
    return taking(TableOptions, command)


def load_studies(data: Path, options: StudyOptions, *, notes: bool = True) -> "tuple[Study, ...]":
    """The studies of a file, as the options say it is to be read; each has a judge and a rated item.

    What was left out goes to stderr, a line each, unless the command shows the `notes` itself. A file that
    cannot be read as such studies ends the command with every mistake told.
    """
    from moa_scorer.app.cli.study.reading import reading_of
    from moa_scorer.learning.study.files import read_studies
    from moa_scorer.learning.study.mistakes import NotAStudy

    try:
        studies = read_studies(data, reading=reading_of(options))
    except NotAStudy as error:
        for mistake in error.mistakes:
            say(mistake)
        raise typer.Exit(Exit.REJECTED) from None
    except OSError as error:
        fail(f"{error.filename}: cannot be read: {error.strerror}", Exit.REJECTED)
    for study in studies:
        if lacking := _lacking(study):
            fail(f"{study.name}: {lacking}", Exit.REJECTED)
        for note in study.notes if notes else ():
            say(f"{study.name}: {note}")
    return studies


def _lacking(study: "Study") -> str:
    """What a study cannot do without, and how to give it; empty where it has everything."""
    if not study.judges:
        return (
            "no judge has scored anything: name the columns, "
            "with --judge-columns 'score_*' or --judge-column JUDGE=COLUMN"
        )
    if not study.items:
        return (
            "no item has a rating of every criterion: name the columns with --rating COLUMN, "
            "or the file of ratings with --ratings FILE"
        )
    return ""
