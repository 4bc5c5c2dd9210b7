"""Lines of a table of one's own logs -> ballots, by the columns that `fit` was told of."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from moa_scorer.app.cli.reconcile.ballot_lines import BallotLine
from moa_scorer.app.cli.score.items import BadInput, Line
from moa_scorer.client import Item, OwnBallots
from moa_scorer.client.own_ballots import Answered
from moa_scorer.learning.study.entries import Entry
from moa_scorer.learning.study.files import read_entries
from moa_scorer.learning.study.mistakes import NotAStudy
from moa_scorer.learning.study.reading import Columns, Reading

TABLES = (".csv", ".tsv", ".parquet")


def is_table(name: str) -> bool:
    """Whether a file is a table by its name."""
    return name.removesuffix(".gz").endswith(TABLES)


def table_ballots(
    name: str, columns: Columns, defaults: OwnBallots, criteria: Collection[str]
) -> Iterator[BallotLine]:
    """One for each item of a table, in its order; `criteria` are those of the snapshot.

    Raises BadInput with every mistake where the table cannot be read, and where no judge scores in it.
    """
    try:
        entries = read_entries(Path(name), reading=Reading(columns=columns), criteria=criteria)
    except NotAStudy as error:
        raise BadInput("\n".join(error.mistakes)) from None
    except OSError as error:
        raise BadInput(f"{name}: cannot be read: {error.strerror}") from None
    if not any(entry.answers for entry in entries):
        raise BadInput(
            f"{name}: no judge has scored anything: name the columns, "
            "with --judge-columns 'score_*' or --judge-column JUDGE=COLUMN"
        )
    return (_line(number, entry, defaults) for number, entry in enumerate(entries, start=1))


def _line(number: int, entry: Entry, defaults: OwnBallots) -> BallotLine:
    ballots = replace(
        defaults,
        id=entry.item,
        judges=_judges(entry),
        text=entry.content,
        context=entry.context,
        kind=entry.kind or defaults.kind,
        language=entry.language or defaults.language,
    )
    return BallotLine(line=Line(number=number, item=Item(text=ballots.text, id=ballots.id)), ballots=ballots)


def _judges(entry: Entry) -> Mapping[str, Mapping[str, Answered]]:
    found: dict[str, dict[str, Answered]] = defaultdict(dict)
    for (judge, criterion), answer in entry.answers.items():
        found[judge][criterion] = answer.reason.value if answer.score is None else answer.score
    return found
