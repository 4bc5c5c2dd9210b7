"""`moa-scorer ratings …`."""

from collections.abc import Callable
from typing import Final

import typer

from moa_scorer.app.cli.rating.export import export
from moa_scorer.app.cli.rating.hand_in import appeal, import_
from moa_scorer.app.cli.rating.plan import plan

EPILOG = """\
[bold]A round of ratings[/bold]

  moa-scorer ratings plan --kind comment --out plan.jsonl

  moa-scorer rate plan.jsonl --rubric comment --out ratings.jsonl

  moa-scorer ratings import ratings.jsonl

  moa-scorer calibrate --kind comment --who ada
"""

ratings = typer.Typer(
    help="People's ratings of scored items: plan what to rate, hand in, end appeals, export for a fit.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
)
COMMANDS: Final[tuple[tuple[str, Callable[..., None]], ...]] = (
    ("plan", plan),
    ("import", import_),
    ("appeal", appeal),
    ("export", export),
)
