"""`moa-scorer fit`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import CatalogDir, Config
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, table_words, takes_study

if TYPE_CHECKING:
    from moa_scorer.learning.fitting.fitted_study import FittedStudy, Fitting
    from moa_scorer.learning.study.study import Study

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer fit ratings.jsonl --out mine.json.gz

  moa-scorer fit logs.csv --rating stars --judge-columns 'score_*' --scale '*=1:10' --out mine.json.gz

  moa-scorer fit ballots.parquet --ratings ratings.csv --rater who --out mine.json.gz

  moa-scorer fit scores.jsonl --ratings ratings.jsonl --panel llm --kind answer -o answer.json.gz

[bold]The least that a table needs[/bold] is an id, a rating, and a column a judge:

  item,rating,judge.gpt,judge.claude

  17,4,3.5,refused

More criteria: columns rating.CRITERION, judge.JUDGE.CRITERION. More raters: more lines, a column rater.

An empty cell, or the name of an abstention, is no score.
"""
SUFFIX: Final = ".json.gz"

Out = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        metavar="SNAPSHOT.json.gz",
        help="Where the snapshot goes; with several studies each gets its name before the ending.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the folds; the same seed makes the same file.")]
Number = Annotated[
    int | None,
    typer.Option(
        "--fit-number", min=1, help="The N of the snapshot's name@N. Default: 1, or the catalogue's next."
    ),
]
PanelName = Annotated[
    str,
    typer.Option(
        "--panel",
        "-p",
        help="Where the ballots are of a panel of the catalogue: fits what the server serves.",
    ),
]
RubricName = Annotated[
    str,
    typer.Option("--rubric", "-r", help="With --panel: what was rated. Default: the panel's for the kind."),
]
Created = Annotated[
    str,
    typer.Option("--created", metavar="DATE", help="Kept in the file. Default: today.", show_default=False),
]
ScoresOnly = Annotated[
    bool, typer.Option("--scores-only", help="The judges' scores alone: no measures of the text.")
]
RawRatings = Annotated[
    bool, typer.Option("--raw-ratings", help="Ratings as given, not less the severity of who gave them.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@takes_study
def fit(
    data: Data,
    study: StudyOptions,
    out: Out,
    seed: Seed = 0,
    panel: PanelName = "",
    rubric: RubricName = "",
    fit_number: Number = None,
    created: Created = "",
    scores_only: ScoresOnly = False,
    raw_ratings: RawRatings = False,
    force: Force = False,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Fits a calibration snapshot on items that people rated and your judges scored; says what it is worth.

    From 22 rated items on it gives intervals, from 50 on curves and weights of the judges; with fewer it only
    moves the judges' mean to the raters'. What it is worth is told by items that the fit had not seen.
    Nothing is sent anywhere, and no judge is asked.

    The judges may be anybody's: the snapshot then reconciles their ballots. Ballots that `moa-scorer score`
    wrote are of a panel of the catalogue: with `--panel` its snapshot is what the server scores content by.
    """
    if rubric and not panel:
        fail(
            "--rubric goes with --panel; the criteria of one's own judges are those that were rated",
            Exit.USAGE,
        )
    from moa_scorer.app.threads import cap

    cap(1)
    studies = load_studies(data, study, notes=False)
    files = _files(out, studies, force)
    from moa_scorer.app.cli.study.fit_lines import show
    from moa_scorer.calibration.files import write_snapshot

    read = _read_again(data, study)
    usual = _fitting(seed, created, not scores_only, not raw_ratings)
    for one, file in zip(studies, files, strict=True):
        bound = _bound(usual, one, panel, rubric, config, catalog_dir) if panel else usual
        found = _fitted(one, replace(bound, version=fit_number or bound.version))
        write_snapshot(found.snapshot, file)
        show(found, file, read)


def _read_again(data: Path, study: StudyOptions) -> str:
    """The table as `reconcile` takes it; empty for JSON lines, which hold ratings where it wants ballots."""
    from moa_scorer.app.cli.reconcile.table_ballots import is_table

    return f"{quote(str(data))} {table_words(study)}".rstrip() if is_table(data.name) else ""


def _files(out: Path, studies: "Sequence[Study]", force: bool) -> list[Path]:
    """A file for each study; ends the command where one cannot be written."""
    if not out.name.endswith(SUFFIX):
        fail(f"--out: {out} should end with {SUFFIX}", Exit.USAGE)
    if not out.parent.is_dir():
        fail(f"--out: there is no folder {out.parent}", Exit.USAGE)
    stem = out.name.removesuffix(SUFFIX)
    files = [out] if len(studies) == 1 else [out.with_name(f"{stem}.{s.name}{SUFFIX}") for s in studies]
    for file in files:
        if file.exists() and not force:
            fail(f"--out: {file} is there already; --force writes over it", Exit.USAGE)
    return files


def _bound(
    fitting: "Fitting", study: "Study", panel: str, rubric: str, config: Path | None, catalog_dir: Path | None
) -> "Fitting":
    from moa_scorer.app.cli.study.fit_purpose import purpose_of

    purpose, number = purpose_of(study, panel, rubric, config, catalog_dir)
    return replace(fitting, purpose=purpose, version=number)


def _fitting(seed: int, created: str, measures: bool, severity: bool) -> "Fitting":
    from datetime import UTC, datetime
    from importlib.metadata import version

    from moa_scorer.learning.fitting.fitted_study import Fitting

    return Fitting(
        created=created or datetime.now(UTC).date().isoformat(),
        code=f"moa-scorer {version('moa-scorer')}",
        seed=seed,
        measures=measures,
        severity=severity,
    )


def _fitted(study: "Study", fitting: "Fitting") -> "FittedStudy":
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.learning.fitting.fitted_study import STEPS, fit_study

    with Progress(STEPS, f"fitting {study.name}") as bar:
        try:
            return fit_study(study, fitting, bar.advance)
        except ValueError as error:
            fail(f"{study.name}: {error}", Exit.REJECTED)
