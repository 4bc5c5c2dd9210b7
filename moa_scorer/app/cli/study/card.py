"""`moa-scorer card`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

if TYPE_CHECKING:
    from moa_scorer.learning.choice.card import ReportCard
    from moa_scorer.learning.study.study import Study

STEPS = 7
"""Calls of `report_card`'s progress."""
EXAMPLES = """\
[bold]Examples[/bold]

  moa-scorer card ratings.jsonl

  moa-scorer card logs.csv --scale 'gpt*=1:5' --cost gpt=2100 --cost mistral=90

  moa-scorer card ratings.jsonl --budget 500 --json > card.json
"""


@takes_study
def card(
    data: Data,
    options: StudyOptions,
    budget: Annotated[
        float,
        typer.Option(
            "--budget",
            metavar="MICRO_USD",
            min=0,
            help="Most that a panel may cost an item, in millionths of a dollar; without costs, most judges.",
            show_default=False,
        ),
    ] = float("inf"),
    seed: Annotated[int, typer.Option("--seed", help="Of folds and intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, a card for each study.")] = False,
) -> None:
    """Says of every judge what your ratings say of it, and which judges to ask.

    For each judge: whether it scores the other way, how strict it is, how it orders items, whether it agrees
    with itself and with whom else, why it abstained, what it costs, and what the panel would miss without it.
    Then the judges to ask, chosen by value per cost. The choice is measured on folds that had no part in it.

    A cost that is not given with --cost or in the data stays unknown: nothing is taken for free.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    from moa_scorer.learning.choice.card import report_card

    found = []
    for study in load_studies(data, options):
        with Progress(STEPS, f"judging the judges of {study.name}") as bar:
            try:
                card = report_card(study, seed=seed, budget=budget, progress=bar.advance)
            except ValueError as error:
                fail(str(error), Exit.REJECTED)
        found.append(_document(card, study))
        if not as_json:
            _print(card, study)
    if as_json:
        typer.echo(json.dumps(found, indent=2, allow_nan=False))


def _scale(study: "Study") -> float:
    low, high = study.rating_scale
    return high - low


def _print(card: "ReportCard", study: "Study") -> None:
    from moa_scorer.app.cli.console import console_on, whole
    from moa_scorer.app.cli.study.card_tables import frontier_table, judges_table
    from moa_scorer.learning.choice.card_words import card_words

    console, scale = console_on(), _scale(study)
    console.print(
        f"[bold]{card.study}[/bold]: {card.items} items of {card.groups} groups, {len(card.judges)} judges",
        highlight=False,
    )
    for sentence in card_words(card, scale):
        console.print(f"\n{sentence}", highlight=False, markup=False)
    console.print()
    console.print(whole(judges_table(card), "judge"))
    console.print()
    console.print(whole(frontier_table(card.selection, scale), "panel"))


def _document(card: "ReportCard", study: "Study") -> dict[str, Any]:
    """The card as plain JSON values; what is not known is null."""
    from dataclasses import asdict

    from moa_scorer.learning.choice.card_words import card_words

    selection = card.selection
    plain: dict[str, Any] = {
        "study": card.study,
        "data": dict(study.digests),
        "items": card.items,
        "groups": card.groups,
        "rating_scale": list(study.rating_scale),
        "people_spread": card.people_spread,
        "words": list(card_words(card, _scale(study))),
        "panel": list(selection.panel),
        "by_cost": selection.by_cost,
        "over_all_judges": asdict(selection.over_everyone),
        "over_best_single": asdict(selection.over_best),
        "judges": [{**asdict(one), "chosen_in": selection.chosen_in[one.judge]} for one in card.judges],
        "path": [asdict(step) for step in selection.path.steps],
        "points": [asdict(point) for point in selection.points],
        "between": {"judges": list(card.between.judges), "spearman": card.between.matrix.tolist()},
    }
    return {key: _finite(value) for key, value in plain.items()}


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: null."""
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list | tuple) else value
