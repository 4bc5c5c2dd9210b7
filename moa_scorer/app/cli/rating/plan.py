"""`moa-scorer ratings plan`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import CatalogDir, Config
from moa_scorer.app.cli.rating.run import Server, run

if TYPE_CHECKING:
    from moa_scorer.client import RatingPlan
    from moa_scorer.client.feedback_calls import AsyncFeedback

Kind = Annotated[str, typer.Option("--kind", "-k", help="Kind of content whose records are meant.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="The plan: a JSON line a record, for `rate`.")]
Count = Annotated[
    int | None,
    typer.Option(
        "--count", "-n", min=1, max=500, help="Records to rate. Default: up to 100 rated ones, then 25."
    ),
]
PanelName = Annotated[str, typer.Option("--panel", "-p", help="Default: the settings' panel.")]
RubricName = Annotated[str, typer.Option("--rubric", "-r", help="Default: the panel's for the kind.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed chooses the same records.")]


def plan(
    kind: Kind,
    out: Out = Path("plan.jsonl"),
    count: Count = None,
    panel: PanelName = "",
    rubric: RubricName = "",
    seed: Seed = 0,
    server: Server = None,
    config: Config = None,
    catalog_dir: CatalogDir = None,
) -> None:
    """Says which records people should rate next, and writes their texts to a file, without any score.

    Half of them are records that were drawn for the random audit, while some of those are unrated: they check
    snapshots. The others are records of which a rating teaches most. Each one's chance of being chosen goes
    with it, into what `rate` writes and through `ratings import` to the fit.

    [bold]Example[/bold]

      moa-scorer ratings plan --kind comment --count 50 --out plan.jsonl
    """
    from moa_scorer.app.rating_files import plan_lines

    async def work(feedback: "AsyncFeedback") -> "RatingPlan":
        return await feedback.plan(kind=kind, count=count, panel=panel, rubric=rubric, seed=seed)

    found = run(work, config, server, catalog_dir)
    lines = list(plan_lines(found, kind))
    if not lines:
        fail(_nothing(found, kind), Exit.REJECTED)
    try:
        out.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        fail(f"{out}: {error.strerror}", Exit.REJECTED)
    _tell(found, len(lines), out)


def _nothing(found: "RatingPlan", kind: str) -> str:
    """Why there is no record to rate."""
    if found.ratings:
        return "the records to rate next hold no texts: score with retention FULL what people are to rate"
    return f"no record of kind {kind} is unrated: score some first, or name another --kind or --panel"


def _tell(found: "RatingPlan", written: int, out: Path) -> None:
    audits = sum(each.stream == "audit" for each in found.ratings)
    typer.echo(
        f"{written} of {found.unrated:,} records that nobody has rated: {audits} of the random audit "
        f"({found.unrated_audits:,} wait), {len(found.ratings) - audits} where a rating teaches most"
    )
    if left := len(found.ratings) - written:
        typer.echo(f"{left} hold no text, and are left out")
    typer.echo(f"next: moa-scorer rate {shlex.quote(str(out))} --rubric RUBRIC --out ratings.jsonl")
