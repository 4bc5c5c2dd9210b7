"""The options of every command that reads rated items with judges' scores."""

from collections.abc import Callable
from dataclasses import Field, dataclass, fields
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from moa_scorer.app.cli.options import taking

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


def table_words(study: StudyOptions) -> str:
    """What was said of the columns of judges, as a command on the same table takes it."""
    return " ".join(_words(field.name, getattr(study, field.name)) for field in _said(study))


def _said(study: StudyOptions) -> list[Field[Any]]:
    """The fields of a table of scores that are not left as they are."""
    return [each for each in fields(TableOptions) if getattr(study, each.name) != each.default]


def _words(name: str, value: str | list[str]) -> str:
    values = [value] if isinstance(value, str) else value
    return " ".join(f"--{name.replace('_', '-')} {quote(each)}" for each in values)


def takes_study(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of type `StudyOptions`."""
    return taking(StudyOptions, command)


def takes_table(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameter of type `TableOptions`."""
    return taking(TableOptions, command)
