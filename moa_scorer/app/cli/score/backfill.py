"""`moa-scorer backfill`."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import CatalogDir, Config, ModelsDir, at_server, dollars, settings_of

if TYPE_CHECKING:
    from moa_scorer.api.v1 import job_service_pb2 as pb
    from moa_scorer.app.cli.jobs.places import JobsAt

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer backfill comments.jsonl --panel embedded --policy comments

  moa-scorer backfill dump.csv.gz --column text=body --column id=comment_id --kind comment

  moa-scorer backfill essays.parquet --panel frontier --max-cost 25 --concurrency 8 --out scores.jsonl

  moa-scorer backfill 2026/comments.jsonl --server 127.0.0.1:50051 --yes
"""
COLUMNS: Final = ("text", "id", "kind", "language", "title", "context", "producer", "subject")


class Kept(StrEnum):
    """What of each item is kept."""

    FULL = "full"
    NUMBERS = "numbers"
    NOTHING = "nothing"


ITEMS: Final = "The items"
MONEY: Final = "Money and pace"

File = Annotated[str, typer.Argument(metavar="FILE", help=".jsonl, .csv or .tsv, also .gz; or .parquet.")]
Out = Annotated[
    str, typer.Option("--out", "-o", help="Results, a line of JSON an item. Default: beside FILE.")
]
Panel = Annotated[str, typer.Option("--panel", "-p", help="name or name@version.")]
Rubric = Annotated[str, typer.Option("--rubric", "-r", help="name or name@version.")]
Policy = Annotated[str, typer.Option("--policy", help="Turns each score into a decision.")]
Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="PART=NAME",
        help=f"Which column holds what: {', '.join(COLUMNS)}.",
        rich_help_panel=ITEMS,
    ),
]
Kind = Annotated[str, typer.Option("--kind", "-k", help="Of items that do not say.", rich_help_panel=ITEMS)]
Language = Annotated[
    str,
    typer.Option("--language", "-l", help="Of items that do not say; else detected.", rich_help_panel=ITEMS),
]
LocalOnly = Annotated[
    bool, typer.Option("--local-only", help="Show no text to a vendor.", rich_help_panel=ITEMS)
]
Retention = Annotated[Kept, typer.Option("--keep", help="What records hold.", rich_help_panel=ITEMS)]
Tag = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="KEY=VALUE", help="On every record.", rich_help_panel=ITEMS),
]
MaxCost = Annotated[
    float | None,
    typer.Option(min=0, callback=dollars, help="US dollars for all items together.", rich_help_panel=MONEY),
]
ItemCost = Annotated[
    float | None,
    typer.Option(min=0, callback=dollars, help="US dollars for one item.", rich_help_panel=MONEY),
]
Budget = Annotated[
    float | None,
    typer.Option("--budget", "-b", min=0.02, help="Seconds for one item.", rich_help_panel=MONEY),
]
Concurrency = Annotated[
    int, typer.Option("--concurrency", "-j", min=1, max=64, help="Items at a time.", rich_help_panel=MONEY)
]
Attempts = Annotated[
    int, typer.Option(min=1, max=20, help="Tries before an item is set aside.", rich_help_panel=MONEY)
]
Server = Annotated[str | None, at_server("Let this server do it; FILE is in its folder of jobs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Start without asking.")]
Only = Annotated[bool, typer.Option("--forecast", help="Only say what it would take.")]


def backfill(
    file: File,
    out: Out = "",
    panel: Panel = "",
    rubric: Rubric = "",
    policy: Policy = "",
    column: Column = None,
    kind: Kind = "",
    language: Language = "",
    local_only: LocalOnly = False,
    keep: Retention = Kept.FULL,
    tag: Tag = None,
    max_cost: MaxCost = None,
    item_cost: ItemCost = None,
    budget: Budget = None,
    concurrency: Concurrency = 4,
    attempts: Attempts = 3,
    server: Server = None,
    yes: Yes = False,
    forecast: Only = False,
    config: Config = None,
    catalog_dir: CatalogDir = None,
    models_dir: ModelsDir = None,
) -> None:
    """Scores every item of a file, once, however often it is interrupted.

    First it says what that will take. Ctrl-C stops it, and `moa-scorer jobs resume` goes on where it was; an
    item that was paid is not paid again. A bad line costs itself and no other.
    """
    from moa_scorer.api.v1 import job_service_pb2 as pb
    from moa_scorer.app.cli.jobs.runs import at_jobs

    order = pb.Backfill(
        input=file,
        output=out,
        panel=panel,
        rubric=rubric,
        policy=policy,
        kind=kind,
        language=language,
        concurrency=concurrency,
        attempts=attempts,
        tags=_pairs(tag, "--tag"),
        columns=pb.BackfillColumns(**_columns(column)),
    )
    _add_privacy(order, keep, local_only=local_only)
    _add_limits(order, max_cost, item_cost, budget)
    settings = None if server else settings_of(config, catalog_dir=catalog_dir, models_dir=models_dir)
    raise typer.Exit(at_jobs(server, settings, lambda place: _run(place, order, yes=yes, only=forecast)))


def _add_privacy(order: "pb.Backfill", keep: Kept, *, local_only: bool) -> None:
    from moa_scorer.api.v1 import scoring_service_pb2 as scoring

    order.retention = scoring.Retention.Value(f"RETENTION_{keep.name}")
    order.sensitivity = scoring.SENSITIVITY_LOCAL_ONLY if local_only else scoring.SENSITIVITY_VENDORS_ALLOWED


def _add_limits(
    order: "pb.Backfill", max_cost: float | None, item_cost: float | None, budget: float | None
) -> None:
    if max_cost is not None:
        order.cost_ceiling.micro_usd = round(max_cost * 1e6)
    if item_cost is not None:
        order.item_cost_ceiling.micro_usd = round(item_cost * 1e6)
    if budget is not None:
        order.item_latency_budget.FromNanoseconds(round(budget * 1e9))


def _pairs(said: list[str] | None, option: str) -> dict[str, str]:
    """`a=b` -> a: b; ends the command where it is not that."""
    pairs = dict(each.partition("=")[::2] for each in said or ())
    if any("=" not in each for each in said or ()):
        fail(f"{option} takes NAME=VALUE", Exit.USAGE)
    return pairs


def _columns(said: list[str] | None) -> dict[str, str]:
    pairs = _pairs(said, "--column")
    if unknown := sorted(set(pairs) - set(COLUMNS)):
        fail(f"--column: unknown part '{unknown[0]}'; there are {', '.join(COLUMNS)}", Exit.USAGE)
    return pairs


async def _run(place: "JobsAt", order: "pb.Backfill", *, yes: bool, only: bool) -> Exit:
    from moa_scorer.api.v1 import job_service_pb2 as pb
    from moa_scorer.app.cli.exits import say
    from moa_scorer.app.cli.jobs.watch import watched
    from moa_scorer.app.cli.jobs.words import forecast_words

    forecast = (await place.forecast(pb.ForecastBackfillRequest(backfill=order))).forecast
    say(forecast_words(forecast))
    if only:
        return Exit.OK
    if not (yes or _agreed(forecast.most_cost.micro_usd)):
        return Exit.REJECTED
    operation = await place.start(pb.StartBackfillRequest(backfill=order))
    say(f"job {operation.name.rpartition('/')[2]}")
    return await watched(place, operation.name)


def _agreed(micro_usd: int) -> bool:
    """Whether to start: a person is asked; where nobody is there, only what costs nothing is started."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        return typer.confirm("Start?", default=True, err=True)
    if micro_usd:
        fail("this costs money: say --yes to start it without being asked", Exit.USAGE)
    return True
