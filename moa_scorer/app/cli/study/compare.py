"""`moa-scorer compare`."""

import json as plain_json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

if TYPE_CHECKING:
    from moa_scorer.calibration.snapshot import Snapshot
    from moa_scorer.learning.protocol.compare import Contestant
    from moa_scorer.learning.protocol.comparison import Comparison
    from moa_scorer.learning.study.study import Study

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer compare old.json.gz new.json.gz ratings.jsonl --threshold 0.4 --threshold 0.7

  moa-scorer compare 'gpt-4o,llama*' 'llama*' ratings.jsonl

  moa-scorer compare mine.json.gz '*' ratings.jsonl --json compared.json
"""


def _argument(name: str) -> Any:
    return typer.Argument(
        metavar=name,
        help="A snapshot (.json.gz), or a panel: judges of DATA by name or glob, with commas.",
        show_default=False,
    )


One = Annotated[str, _argument("A")]
Other = Annotated[str, _argument("B")]
Thresholds = Annotated[
    list[float] | None,
    typer.Option(
        "--threshold", "-t", min=0, max=1, help="Where decisions are made, in [0, 1]; repeat. Default: 0.5."
    ),
]
Rated = Annotated[
    str,
    typer.Option(
        "--rated", metavar="K|all", help="Of panels: rated items that each fit gets, as for `evaluate`."
    ),
]
Repeats = Annotated[int, typer.Option("--repeats", min=1, help="Different splits.")]
Seed = Annotated[int, typer.Option("--seed", help="Of the splits and of the bootstrap.")]
Json = Annotated[Path | None, typer.Option("--json", help="Everything, each flipped decision among it.")]
ScoresOnly = Annotated[bool, typer.Option("--scores-only", help="Panels: no measures of the text.")]


@takes_study
def compare(
    a: One,
    b: Other,
    data: Data,
    study: StudyOptions,
    threshold: Thresholds = None,
    rated: Rated = "all",
    repeats: Repeats = 1,
    seed: Seed = 0,
    json: Json = None,
    scores_only: ScoresOnly = False,
) -> None:
    """Compares two snapshots, or two panels, on the same rated items: figures, and the decisions that flip.

    A snapshot scores the items as it is, so DATA should not be what it was fitted on. A panel is fitted anew
    on each split's rated items and scores the others. Every difference is paired, B less A, with a 95 %
    interval from a bootstrap over groups.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    from moa_scorer.app.cli.study.comparison_tables import show
    from moa_scorer.app.cli.study.evaluate import rated_of

    found = []
    for one in load_studies(data, study):
        sides = _side(a, one), _side(b, one)
        found.append(
            _compared(one, sides, threshold or [0.5], rated_of(rated), repeats, seed, not scores_only)
        )
        show(found[-1])
    if json is not None:
        _write(json, found)


def _side(given: str, study: "Study") -> "Contestant":
    from moa_scorer.learning.protocol.compare import Contestant

    if given.endswith((".json.gz", ".json")):
        return Contestant(name=given, snapshot=_snapshot(Path(given), study))
    globs = [g.strip() for g in given.split(",") if g.strip()]
    judges = tuple(j for j in study.judges if any(fnmatchcase(j, g) for g in globs))
    idle = [g for g in globs if not any(fnmatchcase(j, g) for j in study.judges)]
    if idle or not judges:
        fail(
            f"no judge of {study.name} is {', '.join(idle)}; there are {', '.join(study.judges)}", Exit.USAGE
        )
    return Contestant(name=given, judges=judges)


def _snapshot(path: Path, study: "Study") -> "Snapshot":
    """The snapshot; ends the command where its judges' scales are not those that the data were read on."""
    from moa_scorer.calibration.files import read_snapshot

    with told():
        snapshot = read_snapshot(path)
    for judge, own in snapshot.scales.items():
        here = study.scales.get(judge)
        if here is not None and (here.low, here.high) != (own.low, own.high):
            scale = f"--scale '{judge}={own.low:g}:{own.high:g}'"
            fail(f"{path} was fitted on another scale of {judge}: read the data with {scale}", Exit.REJECTED)
    return snapshot


def _compared(
    study: "Study",
    sides: "tuple[Contestant, Contestant]",
    thresholds: Sequence[float],
    rated: int | None,
    repeats: int,
    seed: int,
    measures: bool,
) -> "Comparison":
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.learning.protocol.compare import compare as compared
    from moa_scorer.learning.protocol.compare import splits_of

    try:
        splits = len(splits_of(study, *sides, rated, repeats, seed))
        with Progress(splits, f"comparing on {study.name}") as bar:
            return compared(
                study,
                *sides,
                thresholds=sorted(set(thresholds)),
                rated=rated,
                repeats=repeats,
                seed=seed,
                measures=measures,
                progress=bar.advance,
            )
    except ValueError as error:
        fail(f"{study.name}: {error}", Exit.REJECTED)


def _write(path: Path, found: "Sequence[Comparison]") -> None:
    from moa_scorer.learning.protocol.findings import plain_values

    text = plain_json.dumps([plain_values(one) for one in found], ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
