"""The commands and what `--help` says of them. Nothing heavy is imported before a command runs."""

from collections.abc import Callable
from inspect import cleandoc
from typing import Annotated

import typer

from moa_scorer.app.cli.jobs.group import jobs
from moa_scorer.app.cli.operate.admin import admin
from moa_scorer.app.cli.operate.check import check
from moa_scorer.app.cli.operate.doctor import doctor
from moa_scorer.app.cli.operate.health import health
from moa_scorer.app.cli.operate.judges import judges
from moa_scorer.app.cli.operate.keys import keys
from moa_scorer.app.cli.operate.local_llm import local_llm
from moa_scorer.app.cli.operate.models import models
from moa_scorer.app.cli.operate.serve import serve
from moa_scorer.app.cli.operate.storage import storage
from moa_scorer.app.cli.rating.group import COMMANDS as RATINGS_COMMANDS
from moa_scorer.app.cli.rating.group import ratings
from moa_scorer.app.cli.rating.plan_ratings import EXAMPLES as PLAN_EXAMPLES
from moa_scorer.app.cli.rating.plan_ratings import plan_ratings
from moa_scorer.app.cli.rating.rate import EXAMPLES as RATE_EXAMPLES
from moa_scorer.app.cli.rating.rate import rate
from moa_scorer.app.cli.reconcile.next_judge import EXAMPLES as NEXT_EXAMPLES
from moa_scorer.app.cli.reconcile.next_judge import next_judge
from moa_scorer.app.cli.reconcile.reconcile import EXAMPLES as RECONCILE_EXAMPLES
from moa_scorer.app.cli.reconcile.reconcile import reconcile
from moa_scorer.app.cli.records.diff import EXAMPLES as DIFF_EXAMPLES
from moa_scorer.app.cli.records.diff import diff
from moa_scorer.app.cli.records.group import records
from moa_scorer.app.cli.records.shadow import EXAMPLES as SHADOW_EXAMPLES
from moa_scorer.app.cli.records.shadow import shadow
from moa_scorer.app.cli.records.usage import EXAMPLES as USAGE_EXAMPLES
from moa_scorer.app.cli.records.usage import usage
from moa_scorer.app.cli.score.backfill import EXAMPLES as BACKFILL_EXAMPLES
from moa_scorer.app.cli.score.backfill import backfill
from moa_scorer.app.cli.score.score import EXAMPLES, score
from moa_scorer.app.cli.snapshots.calibrate import EXAMPLES as CALIBRATE_EXAMPLES
from moa_scorer.app.cli.snapshots.calibrate import calibrate
from moa_scorer.app.cli.snapshots.group import snapshots
from moa_scorer.app.cli.snapshots.loop import add_to as add_loop_to
from moa_scorer.app.cli.study.card import EXAMPLES as CARD_EXAMPLES
from moa_scorer.app.cli.study.card import card
from moa_scorer.app.cli.study.compare import EXAMPLES as COMPARE_EXAMPLES
from moa_scorer.app.cli.study.compare import compare
from moa_scorer.app.cli.study.drift import EXAMPLES as DRIFT_EXAMPLES
from moa_scorer.app.cli.study.drift import drift
from moa_scorer.app.cli.study.evaluate import EXAMPLES as EVALUATE_EXAMPLES
from moa_scorer.app.cli.study.evaluate import evaluate
from moa_scorer.app.cli.study.fit import EXAMPLES as FIT_EXAMPLES
from moa_scorer.app.cli.study.fit import fit
from moa_scorer.app.cli.study.report import EXAMPLES as REPORT_EXAMPLES
from moa_scorer.app.cli.study.report import report
from moa_scorer.app.cli.study.stopping import add_stopping_to
from moa_scorer.app.cli.study.thresholds import EXAMPLES as THRESHOLDS_EXAMPLES
from moa_scorer.app.cli.study.thresholds import thresholds

EPILOG = """\
[bold]First steps[/bold]

  moa-scorer doctor                    what is missing, and how to mend it

  moa-scorer models fetch              brings the local models, once

  moa-scorer score "Great post!"       scores a text, here and now

  moa-scorer serve                     serves gRPC on 127.0.0.1:50051

  moa-scorer fit --help                calibrates your own judges on ratings

[bold]Exit status[/bold]

  0  all well

  1  a check failed, configuration is wrong, or input was rejected

  2  wrong usage

  3  everything was served, and some items have no score

  4  the server cannot be reached, or was too slow

[bold]Settings[/bold]

  command line > environment MOA_SCORER_* > file (moa-scorer.toml) > defaults

[bold]A server that asks who you are[/bold]

  MOA_SCORER_TOKEN                        your API key or token

  MOA_SCORER_AUTHORITY                    file: who signed its certificate

  MOA_SCORER_CERTIFICATE, …_CERTIFICATE_KEY   your own: two files
"""

app = typer.Typer(
    name="moa-scorer",
    help="Scores content with a panel of judges: calibrated scores, intervals, decisions, reasons.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"moa-scorer {version('moa-scorer')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


def _prose(docstring: str | None) -> str:
    """A docstring with each paragraph on one line, for the terminal to wrap; examples stay as they are."""
    paragraphs = cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(p if p.startswith("  ") else " ".join(p.split()) for p in paragraphs)


SCORING = "Score content, or reconcile ballots"
FITTING = "Rate and fit"
JUDGING = "What it is worth"
OPERATING = "Operate"
COMMANDS: tuple[tuple[str, Callable[..., None], str | None], ...] = (
    (SCORING, score, EXAMPLES),
    (SCORING, reconcile, RECONCILE_EXAMPLES),
    (SCORING, backfill, BACKFILL_EXAMPLES),
    (SCORING, serve, None),
    (FITTING, plan_ratings, PLAN_EXAMPLES),
    (FITTING, rate, RATE_EXAMPLES),
    (FITTING, fit, FIT_EXAMPLES),
    (FITTING, calibrate, CALIBRATE_EXAMPLES),
    (JUDGING, evaluate, EVALUATE_EXAMPLES),
    (JUDGING, compare, COMPARE_EXAMPLES),
    (JUDGING, report, REPORT_EXAMPLES),
    (JUDGING, card, CARD_EXAMPLES),
    (JUDGING, next_judge, NEXT_EXAMPLES),
    (JUDGING, thresholds, THRESHOLDS_EXAMPLES),
    (OPERATING, doctor, None),
    (OPERATING, check, None),
    (OPERATING, judges, None),
    (OPERATING, health, None),
    (OPERATING, drift, DRIFT_EXAMPLES),
    (OPERATING, diff, DIFF_EXAMPLES),
    (OPERATING, shadow, SHADOW_EXAMPLES),
    (OPERATING, usage, USAGE_EXAMPLES),
)
"""Each command in the order of `--help`, with the heading it stands under and its examples."""

for heading, command, examples in COMMANDS:
    app.command(
        command.__name__.replace("_", "-"),
        help=_prose(command.__doc__),
        epilog=examples,
        rich_help_panel=heading,
    )(command)
add_loop_to(snapshots, _prose)
add_stopping_to(app, _prose, FITTING)
for name, group in (
    ("jobs", jobs),
    ("snapshots", snapshots),
    ("models", models),
    ("records", records),
    ("storage", storage),
    ("keys", keys),
    ("admin", admin),
    ("local-llm", local_llm),
):
    app.add_typer(group, name=name, rich_help_panel=OPERATING)
for name, command in RATINGS_COMMANDS:
    ratings.command(name, help=_prose(command.__doc__))(command)
app.add_typer(ratings, name="ratings", rich_help_panel=FITTING)
