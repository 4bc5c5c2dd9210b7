"""Rated items with judges' scores, as a command's options say they are to be read."""

from pathlib import Path
from typing import TYPE_CHECKING

from moa_scorer.app.cli.exits import Exit, fail, reject, say
from moa_scorer.app.cli.study.options import StudyOptions

if TYPE_CHECKING:
    from moa_scorer.learning.study.study import Study


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
        reject(error.mistakes)
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
