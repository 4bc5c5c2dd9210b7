"""`moa-scorer drift`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.study.loading import load_studies
from moa_scorer.app.cli.study.options import Data, StudyOptions, takes_study

if TYPE_CHECKING:
    from moa_scorer.calibration.snapshot import Snapshot
    from moa_scorer.calibration.standing import OpenAlarm
    from moa_scorer.learning.loop.drift import Sentinel
    from moa_scorer.learning.loop.drift_batch import BatchWatch
    from moa_scorer.learning.study.study import Study

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer drift anchors.jsonl --snapshot mine.json.gz

  moa-scorer drift anchors.jsonl --snapshot snapshots/mine.json.gz --record --who ada

[bold]Exit status[/bold]

  1 when a judge drifts or the items are unlike the rated ones
"""
SHOWN = 5.0
"""log10 of a detector's capital at its alarm."""

SnapshotFile = Annotated[
    Path, typer.Option("--snapshot", metavar="SNAPSHOT", help="What the judges were fitted in.")
]
Record = Annotated[
    bool,
    typer.Option("--record", help="Open the alarms in the state beside the snapshot: certificates go STALE."),
]
Who = Annotated[str, typer.Option("--who", metavar="NAME", help="Who records them.")]
At = Annotated[
    str, typer.Option("--at", metavar="DATE", help="When they are found. Default: today.", show_default=False)
]
Seed = Annotated[int, typer.Option("--seed", help="Of the draws among ties and groups.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON with every detector's course.")]


@takes_study
def drift(
    data: Data,
    options: StudyOptions,
    snapshot: SnapshotFile,
    record: Record = False,
    who: Who = "",
    at: At = "",
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Checks on rated items, in the order of the file, whether judges still answer as when they were fitted.

    A shift of a judge by half a standard deviation is found within 150 items, with at most one false alarm in
    a hundred runs of 1,000 items for each judge and criterion. Refusals, unreadable replies and changed
    revisions are watched too, and whether the items as a whole are like the rated ones.
    """
    if record and not who:
        fail("--who is needed with --record: somebody has to answer for it", Exit.USAGE)
    from moa_scorer.app.threads import cap
    from moa_scorer.calibration.files import read_snapshot

    cap(1)
    with told():
        own = read_snapshot(snapshot)
    found, changed, batch = _watched(data, options, own, seed)
    from moa_scorer.learning.loop.drift import alarms

    opened = alarms(found, changed, since=at or _today())
    _print_json(found, opened, batch) if as_json else _print(found, opened, batch)
    if record and opened:
        with told():
            _record(snapshot, own, opened, who, at)
    if opened or batch.alarm:
        raise typer.Exit(Exit.REJECTED)


def _watched(
    data: Path, options: StudyOptions, own: "Snapshot", seed: int
) -> "tuple[tuple[Sentinel, ...], list[tuple[str, str]], BatchWatch]":
    """Sentinels of scores and failures, changed revisions, and the watch over the whole file."""
    from moa_scorer.learning.loop.drift import failure_sentinels, model_changes, sentinels
    from moa_scorer.learning.loop.drift_batch import watch_batch
    from moa_scorer.learning.loop.on_scales import table_for

    studies = load_studies(data, options)
    if len(studies) != 1:
        fail(f"{data}: holds several studies; choose one with --criteria", Exit.USAGE)
    (study,) = studies
    try:
        table = table_for(study, own)
    except ValueError as error:
        fail(str(error), Exit.REJECTED)
    ids = [item.id for item in study.items]
    found = (*sentinels(own, table, seed=seed), *failure_sentinels(own, study.rows, ids))
    return found, list(model_changes(own.judges, _revisions(study))), watch_batch(own, table, seed=seed)


def _revisions(study: "Study") -> dict[str, list[str]]:
    """Judge -> its ballots' revisions, in the order of the items."""
    return {
        judge: [
            study.rows[item.id][judge].revision
            for item in study.items
            if judge in study.rows.get(item.id, {})
        ]
        for judge in study.judges
    }


def _today() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).date().isoformat()


def _record(path: Path, own: "Snapshot", opened: "tuple[OpenAlarm, ...]", who: str, at: str) -> None:
    from moa_scorer.learning.loop.promotion import Act, open_alarms, open_shelf

    shelf = open_shelf(path.parent, own.name)
    open_alarms(shelf, opened, Act(who=who, at=at or _today()))


def _print(found: "tuple[Sentinel, ...]", opened: "tuple[OpenAlarm, ...]", batch: "BatchWatch") -> None:
    from rich.table import Table

    from moa_scorer.app.cli.console import console_on, whole

    table = Table(box=None, pad_edge=False)
    for heading in ("judge", "watched", "items", "evidence now", "at most", "alarm"):
        table.add_column(heading)
    for one in found:
        if not one.trace:
            continue
        alarm = f"[red]at item {one.alarm_at}[/red]" if one.alarm_at else "none"
        peak = f"10^{max(one.trace):.1f} of 10^{SHOWN:.0f}"
        table.add_row(one.judge, one.what, str(one.anchors), f"10^{one.trace[-1]:.1f}", peak, alarm)
    console = console_on()
    console.print(whole(table, "judge"))
    for alarm_ in opened:
        console.print(f"{alarm_.judge} {alarm_.what}", highlight=False, soft_wrap=True)
    console.print(batch.words, highlight=False, soft_wrap=True)


def _print_json(found: "tuple[Sentinel, ...]", opened: "tuple[OpenAlarm, ...]", batch: "BatchWatch") -> None:
    plain: dict[str, Any] = {
        "sentinels": [asdict(one) for one in found],
        "alarms": [asdict(alarm) for alarm in opened],
        "batch": {**asdict(batch), "alarm": batch.alarm},
    }
    typer.echo(json.dumps(plain, indent=2))
