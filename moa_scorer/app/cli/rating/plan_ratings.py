"""`moa-scorer plan-ratings`."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.study.options import ContentColumn, GroupColumn, ItemColumn

if TYPE_CHECKING:
    from moa_scorer.calibration.table import Array
    from moa_scorer.learning.planning.candidates import Keys
    from moa_scorer.learning.planning.known import Known
    from moa_scorer.learning.planning.plan import Planned

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer plan-ratings items.jsonl --out plan.jsonl

  moa-scorer score --jsonl items.jsonl --view ballots -o jsonl > scores.jsonl

  moa-scorer plan-ratings scores.jsonl --texts items.jsonl --out plan.jsonl

  moa-scorer plan-ratings logs.csv --item ticket --rated ratings.jsonl --snapshot mine.json.gz -o next.jsonl
"""

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="Items, with judges' ballots if there are any: .jsonl, .csv, .tsv, .parquet (also .gz), .txt.",
        show_default=False,
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The plan: a JSON line an item, for `rate`.")]
Count = Annotated[
    int | None,
    typer.Option("--count", "-n", min=1, help="Items to rate. Default: up to 100 rated ones, then 25."),
]
Share = Annotated[
    float,
    typer.Option("--audit", min=0, max=1, help="Share drawn evenly, to check snapshots; at least one item."),
]
Ratings = Annotated[
    list[Path] | None,
    typer.Option("--rated", help="What `rate` has written: left out, and what is unlike it comes first."),
]
SnapshotFile = Annotated[
    Path | None, typer.Option("--snapshot", help="What `fit` has written: wide intervals come first.")
]
BallotFile = Annotated[
    list[Path] | None, typer.Option("--ballots", help="Ballots in a file of their own, joined by id.")
]
Texts = Annotated[
    Path | None, typer.Option("--texts", help="Where DATA has no texts: the file that was scored.")
]
JudgeColumns = Annotated[
    str, typer.Option("--judge-columns", metavar="GLOB", help="Of a table: * is JUDGE or JUDGE.CRITERION.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed chooses the same items.")]


def plan_ratings(
    data: Data,
    out: Out = Path("plan.jsonl"),
    count: Count = None,
    audit: Share = 0.05,
    rated: Ratings = None,
    snapshot: SnapshotFile = None,
    ballots: BallotFile = None,
    texts: Texts = None,
    item: ItemColumn = "",
    group: GroupColumn = "",
    content: ContentColumn = "",
    judge_columns: JudgeColumns = "judge.*",
    seed: Seed = 0,
) -> None:
    """Says which items people should rate next. No ratings are needed to begin.

    A few items are drawn evenly: the audit, which checks snapshots and is never fitted on. The others come
    from where a rating teaches most: the judges are at odds, the interval is wide, nothing like it is rated.
    They are spread over groups, scores and lengths. While nothing is rated, all items are alike, and only
    spread. Each item's chance of being chosen is written down and never zero, so that `fit` can weight by
    one over it.
    """
    from moa_scorer.app.threads import cap

    cap(1)
    from moa_scorer.learning.planning.known import frame_of, write_plan
    from moa_scorer.learning.planning.plan import choose, usual_count

    with told(), _readable():
        known = _read(
            data,
            ballots or [],
            rated or [],
            texts,
            content,
            judge_columns,
            {"item_id": item, "group_id": group},
        )
        if not known.candidates:
            fail(f"{data}: holds no items", Exit.REJECTED)
        if not known.open:
            fail("every item is rated: there is nothing to plan", Exit.REJECTED)
        widths = None if snapshot is None else _widths(known, snapshot)
        wanted = min(count or usual_count(known.done), len(known.open))
        plan = choose(frame_of(known, widths), wanted, share=audit, seed=seed)
        write_plan(out, plan, known)
    _tell(plan, known, out)


@contextmanager
def _readable() -> Iterator[None]:
    """Files that cannot be read or written, or are of no known form, end the command in words."""
    try:
        yield
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", Exit.REJECTED)
    except ValueError as error:
        fail(str(error), Exit.REJECTED)


def _read(
    data: Path,
    ballots: list[Path],
    rated: list[Path],
    texts: Path | None,
    content: str,
    judge_columns: str,
    keys: "Keys",
) -> "Known":
    from moa_scorer.learning.planning.candidates import read_candidates
    from moa_scorer.learning.planning.known import Known
    from moa_scorer.learning.planning.said import read_rated, read_said

    words = () if texts is None else read_candidates(texts, text=content)
    said = read_said(data, text=content, columns=judge_columns, keys=keys)
    for path in ballots:
        for item, scores in read_said(path).items():
            said.setdefault(item, {}).update(scores)
    rounds = read_rated(data, text=content, keys=keys)
    for path in rated:
        rounds |= read_rated(path)
    candidates = read_candidates(data, text=content, texts=words, keys=keys)
    return Known(candidates=candidates, said=said, rated=rounds)


def _widths(known: "Known", path: Path) -> "Array":
    from moa_scorer.app.cli.progress import Progress
    from moa_scorer.calibration.files import read_snapshot
    from moa_scorer.learning.planning.known import interval_widths

    snapshot = read_snapshot(path)
    with Progress(len(known.open)) as progress:
        return interval_widths(known.open, known.said, snapshot, progress.advance)


def _tell(plan: "tuple[Planned, ...]", known: "Known", out: Path) -> None:
    """What was chosen, and what to do with it."""
    from moa_scorer.learning.planning.known import count_groups

    audits = sum(p.audit for p in plan)
    groups, of = count_groups(plan, known)
    chances = [p.propensity for p in plan if not p.audit] or [p.propensity for p in plan]
    typer.echo(
        f"{len(plan)} of {len(known.open):,} items that nobody has rated, from {groups} of {of} groups: "
        f"{audits} drawn evenly as the audit, {len(plan) - audits} {_by(known)} "
        f"(chances {min(chances):.3g} to {max(chances):.3g})."
    )
    for why, times in _reasons(plan).items():
        typer.echo(f"  {times:4}  {why}")
    typer.echo(f"next: moa-scorer rate {shlex.quote(str(out))} --rubric RUBRIC --out ratings.jsonl")


def _by(known: "Known") -> str:
    if not known.said:
        return "spread over groups and lengths, for want of ballots"
    return "where a rating teaches most" if known.done else "spread over groups, scores and lengths"


def _reasons(plan: "tuple[Planned, ...]") -> dict[str, int]:
    """Why -> how many items, the commonest first."""
    from collections import Counter

    return dict(Counter(p.why for p in plan).most_common())
