"""The commands and what `--help` says of them. Nothing heavy is imported before a command runs."""

from inspect import cleandoc
from typing import Annotated

import typer

from moa_scorer.app.cli.card import EXAMPLES as CARD_EXAMPLES
from moa_scorer.app.cli.card import card
from moa_scorer.app.cli.check import check
from moa_scorer.app.cli.compare import EXAMPLES as COMPARE_EXAMPLES
from moa_scorer.app.cli.compare import compare
from moa_scorer.app.cli.doctor import doctor
from moa_scorer.app.cli.drift import EXAMPLES as DRIFT_EXAMPLES
from moa_scorer.app.cli.drift import drift
from moa_scorer.app.cli.evaluate import EXAMPLES as EVALUATE_EXAMPLES
from moa_scorer.app.cli.evaluate import evaluate
from moa_scorer.app.cli.fit import EXAMPLES as FIT_EXAMPLES
from moa_scorer.app.cli.fit import fit
from moa_scorer.app.cli.judges import judges
from moa_scorer.app.cli.local_llm import local_llm
from moa_scorer.app.cli.models import models
from moa_scorer.app.cli.next_judge import EXAMPLES as NEXT_EXAMPLES
from moa_scorer.app.cli.next_judge import next_judge
from moa_scorer.app.cli.plan_ratings import EXAMPLES as PLAN_EXAMPLES
from moa_scorer.app.cli.plan_ratings import plan_ratings
from moa_scorer.app.cli.rate import EXAMPLES as RATE_EXAMPLES
from moa_scorer.app.cli.rate import rate
from moa_scorer.app.cli.reconcile import EXAMPLES as RECONCILE_EXAMPLES
from moa_scorer.app.cli.reconcile import reconcile
from moa_scorer.app.cli.report import EXAMPLES as REPORT_EXAMPLES
from moa_scorer.app.cli.report import report
from moa_scorer.app.cli.score import EXAMPLES, score
from moa_scorer.app.cli.serve import serve
from moa_scorer.app.cli.snapshot_loop import add_to as add_loop_to
from moa_scorer.app.cli.snapshots import snapshots
from moa_scorer.app.cli.thresholds import EXAMPLES as THRESHOLDS_EXAMPLES
from moa_scorer.app.cli.thresholds import thresholds

EPILOG = """\
[bold]First steps[/bold]

  moa-scorer doctor                    what is missing, and how to mend it

  moa-scorer models fetch              brings the local models, once

  moa-scorer score "Great post!"       scores a text, here and now

  moa-scorer serve                     serves gRPC on 127.0.0.1:50051

[bold]Exit status[/bold]

  0  all well

  1  a check failed, configuration is wrong, or input was rejected

  2  wrong usage

  3  everything was served, and some items have no score

  4  the server cannot be reached, or was too slow

[bold]Settings[/bold]

  command line > environment MOA_SCORER_* > file (moa-scorer.toml) > defaults
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


for command, examples in ((serve, None), (score, EXAMPLES), (check, None), (judges, None), (doctor, None)):
    app.command(help=_prose(command.__doc__), epilog=examples)(command)
app.command(help=_prose(rate.__doc__), epilog=RATE_EXAMPLES)(rate)
app.command("plan-ratings", help=_prose(plan_ratings.__doc__), epilog=PLAN_EXAMPLES)(plan_ratings)
app.command(help=_prose(reconcile.__doc__), epilog=RECONCILE_EXAMPLES)(reconcile)
app.command(help=_prose(fit.__doc__), epilog=FIT_EXAMPLES)(fit)
app.command(help=_prose(evaluate.__doc__), epilog=EVALUATE_EXAMPLES)(evaluate)
app.command(help=_prose(compare.__doc__), epilog=COMPARE_EXAMPLES)(compare)
app.command(help=_prose(card.__doc__), epilog=CARD_EXAMPLES)(card)
app.command(help=_prose(report.__doc__), epilog=REPORT_EXAMPLES)(report)
app.command("next-judge", help=_prose(next_judge.__doc__), epilog=NEXT_EXAMPLES)(next_judge)
app.command(help=_prose(thresholds.__doc__), epilog=THRESHOLDS_EXAMPLES)(thresholds)
app.add_typer(models, name="models")
app.add_typer(local_llm, name="local-llm")
app.command(help=_prose(drift.__doc__), epilog=DRIFT_EXAMPLES)(drift)
add_loop_to(snapshots, _prose)
app.add_typer(snapshots, name="snapshots")
