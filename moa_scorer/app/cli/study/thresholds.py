"""`moa-scorer thresholds`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

if TYPE_CHECKING:
    from moa_scorer.learning.choice.thresholds import Thresholds
    from moa_scorer.learning.study.study import Study

STEPS = 5
"""Calls of `judge_study`'s progress."""
EXAMPLES = """\
[bold]Examples[/bold]

  moa-scorer thresholds ratings.jsonl --false-rejects 0.01 --false-accepts 0.05 > policies/mine.yaml

  moa-scorer thresholds ratings.jsonl --of civility --good-from 0.4 --interval

[bold]Exit status[/bold]

  1 when the ratings support no threshold at all: the output says how many it would take
"""


def _rate(name: str, what: str) -> Any:
    return typer.Option(name, min=0.0001, max=0.5, help=what)


def _option(name: str, what: str, **rest: Any) -> Any:
    return typer.Option(name, help=what, **rest)


FalseRejects = Annotated[float, _rate("--false-rejects", "Share of the good items that may be rejected.")]
FalseAccepts = Annotated[float, _rate("--false-accepts", "Share of the others that may be accepted.")]
Confidence = Annotated[float, _option("--confidence", "That both bounds hold.", min=0.5, max=0.999)]
GoodFrom = Annotated[
    float,
    _option(
        "--good-from",
        "People's mean rating from which an item is good: 0 = lowest, 1 = highest of their scale.",
        min=0.0,
        max=1.0,
    ),
]
Of = Annotated[str, _option("--of", "What the policy looks at.", metavar="CRITERION")]
Bounds = Annotated[bool, _option("--interval", "Compare the interval's bounds, not the score.")]
Seed = Annotated[int, _option("--seed", "Of the folds.")]
AsJson = Annotated[bool, _option("--json", "One JSON array instead of a policy file.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the command line asks for."""

    false_rejects: float
    false_accepts: float
    confidence: float
    good_from: float
    criterion: str
    interval: bool
    seed: int


@takes_study
def thresholds(
    data: Data,
    options: StudyOptions,
    false_rejects: FalseRejects = 0.05,
    false_accepts: FalseAccepts = 0.05,
    confidence: Confidence = 0.9,
    good_from: GoodFrom = 0.5,
    of: Of = "overall",
    interval: Bounds = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Turns an error that you are willing to make into the thresholds of a policy, with a bound.

    Every rated item is scored by a fit that never saw it. Thresholds are tried from the safest on, each by an
    exact binomial test that counts items of one group as what they are worth, up to the last that keeps its
    error with the stated confidence. Between the two thresholds people look.

    What comes out is a policy file, with the evidence as its comments. The bounds hold for content like the
    rated items, where these were chosen at random.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    wanted = _Wanted(
        false_rejects=false_rejects,
        false_accepts=false_accepts,
        confidence=confidence,
        good_from=good_from,
        criterion=of,
        interval=interval,
        seed=seed,
    )
    _report(data, options, wanted, as_json=as_json)


def _report(data: Path, options: StudyOptions, wanted: _Wanted, *, as_json: bool) -> None:
    found = [(study, _picked(study, wanted)) for study in load_studies(data, options)]
    if as_json:
        typer.echo(json.dumps([_document(*one) for one in found], indent=2))
    else:
        typer.echo("---\n".join(_yaml(study, picked, wanted) for study, picked in found), nl=False)
    if all(p.reject.threshold is None and p.accept.threshold is None for _, p in found):
        raise typer.Exit(Exit.REJECTED)


def _picked(study: "Study", wanted: _Wanted) -> "Thresholds":
    from moa_scorer.learning.choice.judged import judge_study
    from moa_scorer.learning.choice.thresholds import pick_thresholds

    with Progress(STEPS, f"scoring {study.name}") as bar:
        try:
            judged = judge_study(
                study,
                good_from=wanted.good_from,
                criterion=wanted.criterion,
                interval=wanted.interval,
                seed=wanted.seed,
                progress=bar.advance,
            )
        except ValueError as error:
            fail(str(error), Exit.REJECTED)
    return pick_thresholds(
        judged,
        false_rejects=wanted.false_rejects,
        false_accepts=wanted.false_accepts,
        confidence=wanted.confidence,
    )


def _yaml(study: "Study", found: "Thresholds", wanted: _Wanted) -> str:
    from moa_scorer.app.files.policy_yaml import policy_yaml

    good = _good(study, wanted)
    return policy_yaml(
        found, study=study.name, good=good, criterion=wanted.criterion, interval=wanted.interval
    )


def _good(study: "Study", wanted: _Wanted) -> str:
    """What is good, in words and on the people's own scale."""
    low, high = study.rating_scale
    place, ends = low + wanted.good_from * (high - low), f"{low:g} to {high:g}"
    return f"rated at least {place:g} on {wanted.criterion}, of {ends}"


def _document(study: "Study", found: "Thresholds") -> dict[str, Any]:
    from dataclasses import asdict

    plain = {"study": study.name, "data": dict(study.digests), **asdict(found)}
    for side in ("reject", "accept"):
        plain[side] = {k: None if v != v else v for k, v in plain[side].items()}
    return plain
