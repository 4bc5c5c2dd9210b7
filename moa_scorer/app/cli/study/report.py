"""`moa-scorer report`."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, say, told
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer report ratings.jsonl --out report.html

  moa-scorer evaluate ratings.csv --json found.json

  moa-scorer report ratings.csv --evaluation found.json --snapshot mine.json.gz --out report.html
"""

Out = Annotated[Path, typer.Option("--out", "-o", metavar="REPORT.html", help="Where the report goes.")]
SnapshotFile = Annotated[
    Path | None,
    typer.Option(
        "--snapshot", metavar="SNAPSHOT.json.gz", help="A fit of these judges: where it comes from."
    ),
]
EvaluationFile = Annotated[
    Path | None,
    typer.Option(
        "--evaluation",
        metavar="FOUND.json",
        help="What `moa-scorer evaluate --json` wrote of the same DATA; otherwise it is run here.",
    ),
]
Curve = Annotated[
    str,
    typer.Option(
        "--curve",
        metavar="K,K,…|none",
        help="Numbers of rated items of the learning curve; those for which there are too few are left out.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of splits, folds and intervals.")]
Processes = Annotated[int, typer.Option("--processes", min=1, help="Splits that are run side by side.")]
ScoresOnly = Annotated[
    bool, typer.Option("--scores-only", help="The judges' scores alone: no measures of the text.")
]
NoText = Annotated[bool, typer.Option("--no-text-rival", help="Leave out the TF-IDF model, which is slow.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@takes_study
def report(
    data: Data,
    study: StudyOptions,
    out: Out = Path("report.html"),
    snapshot: SnapshotFile = None,
    evaluation: EvaluationFile = None,
    curve: Curve = "22,50,100,200",
    seed: Seed = 0,
    processes: Processes = 2,
    scores_only: ScoresOnly = False,
    no_text_rival: NoText = False,
    force: Force = False,
) -> None:
    """Writes one HTML file that says what a panel of your own judges is worth, to read or to print on A4.

    First which judges score the other way, and what to do in words; then plots, each with a sentence on what
    to read off it: is the panel better than something simpler, do scores mean what they say, do intervals
    hold for all kinds of items and when judges are missing, do judges say the same, would more ratings help,
    what does quality cost. The file needs no network and runs no script.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    if out.exists() and not force:
        fail(f"--out: {out} is there already; --force writes over it", Exit.USAGE)
    if not out.parent.is_dir():
        fail(f"--out: there is no folder {out.parent}", Exit.USAGE)
    counts = _counts(curve)
    studies = load_studies(data, study)
    from moa_scorer.app.cli.study.report_parts import Wanted, found_of, read_found
    from moa_scorer.calibration.files import read_snapshot
    from moa_scorer.learning.report.page import page

    with told():
        fitted = None if snapshot is None else read_snapshot(snapshot)
    wanted = Wanted(
        counts=counts,
        seed=seed,
        processes=processes,
        measures=not scores_only,
        text=not no_text_rival,
        command=shlex.join(["moa-scorer", *sys.argv[1:]]),
    )
    known = () if evaluation is None else read_found(evaluation)
    out.write_text(page([found_of(one, known, fitted, wanted) for one in studies]), encoding="utf-8")
    say(f"{out}: {out.stat().st_size // 1024:,} kB")


def _counts(curve: str) -> tuple[int, ...]:
    if curve == "none":
        return ()
    parts = [part.strip() for part in curve.split(",")]
    if not all(part.isdigit() and int(part) > 0 for part in parts):
        fail(f"--curve should be numbers such as 50,100,200, or none, not {curve!r}", Exit.USAGE)
    return tuple(sorted({int(part) for part in parts}))
