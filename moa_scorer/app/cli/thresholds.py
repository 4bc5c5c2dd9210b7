"""`moa-scorer thresholds`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.cli.study_options import Data, StudyOptions, load_studies, takes_study

if TYPE_CHECKING:
    from moa_scorer.learning.study import Study
    from moa_scorer.learning.thresholds import Thresholds

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


@takes_study
def thresholds(
    data: Data,
    options: StudyOptions,
    false_rejects: Annotated[float, _rate("--false-rejects", "Most of the good items to reject.")] = 0.05,
    false_accepts: Annotated[float, _rate("--false-accepts", "Most of the others to accept.")] = 0.05,
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.5, max=0.999, help="That both bounds hold together.")
    ] = 0.9,
    good_from: Annotated[
        float,
        typer.Option(
            "--good-from",
            min=0.0,
            max=1.0,
            help="People's mean rating from which an item is good: 0 = lowest, 1 = highest of their scale.",
        ),
    ] = 0.5,
    of: Annotated[
        str, typer.Option("--of", metavar="CRITERION", help="What the policy looks at.")
    ] = "overall",
    interval: Annotated[
        bool, typer.Option("--interval", help="Compare the interval's bounds, not the score.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of the folds.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of a policy file.")] = False,
) -> None:
    """Turns an error that you are willing to make into the thresholds of a policy, with a bound.

    Every rated item is scored by a fit that never saw it. Thresholds are tried from the safest on, each by an
    exact binomial test that counts items of one group as what they are worth, up to the last that keeps its
    error with the stated confidence. Between the two thresholds people look.

    What comes out is a policy file, with the evidence as its comments. The bounds hold for content like the
    rated items, rated as these were: at random.
    """
    from moa_scorer.app.policy_yaml import policy_yaml
    from moa_scorer.learning.judged import judge_study
    from moa_scorer.learning.thresholds import pick_thresholds

    found: list[tuple[Study, Thresholds]] = []
    for study in load_studies(data, options):
        with Progress(STEPS, f"scoring {study.name}") as bar:
            try:
                judged = judge_study(
                    study,
                    good_from=good_from,
                    criterion=of,
                    interval=interval,
                    seed=seed,
                    progress=bar.advance,
                )
            except ValueError as error:
                fail(str(error), Exit.REJECTED)
        picked = pick_thresholds(
            judged, false_rejects=false_rejects, false_accepts=false_accepts, confidence=confidence
        )
        found.append((study, picked))
    if as_json:
        typer.echo(json.dumps([_document(*one) for one in found], indent=2))
    else:
        files = (
            policy_yaml(
                picked, study=study.name, good=_good(study, of, good_from), criterion=of, interval=interval
            )
            for study, picked in found
        )
        typer.echo("---\n".join(files), nl=False)
    if all(p.reject.threshold is None and p.accept.threshold is None for _, p in found):
        raise typer.Exit(Exit.REJECTED)


def _good(study: "Study", criterion: str, good_from: float) -> str:
    """What is good, in words and on the people's own scale."""
    low, high = study.rating_scale
    at = (
        f"{good_from:g}"
        if (low, high) == (0, 1)
        else f"{low + good_from * (high - low):g} of {low:g} to {high:g}"
    )
    return f"rated at least {at} on {criterion}"


def _document(study: "Study", found: "Thresholds") -> dict[str, Any]:
    from dataclasses import asdict

    plain = {"study": study.name, "data": dict(study.digests), **asdict(found)}
    for side in ("reject", "accept"):
        plain[side] = {k: None if v != v else v for k, v in plain[side].items()}
    return plain
