"""Collects the ballots of rated items through the product: resumable, and only what is missing or changed."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from moa_scorer.app.compose import Application
from moa_scorer.app.studies.collect import SECONDS_PER_ITEM, collect
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import (
    BallotRow,
    append_rows,
    drop_broken_end,
    pack_rows,
    pending,
    read_rows,
    row_of,
)
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline

Progress = Callable[[int, int], None]
"""Told (items done, items in all)."""

UNUSABLE = {
    AbstentionReason.TIMEOUT,
    AbstentionReason.CANCELLED,
    AbstentionReason.RATE_LIMITED,
    AbstentionReason.PROVIDER_ERROR,
    AbstentionReason.MODEL_MISSING,
    AbstentionReason.BUDGET,
    AbstentionReason.CIRCUIT_OPEN,
    AbstentionReason.NOT_NEEDED,
    AbstentionReason.DRIFT_MASKED,
    AbstentionReason.QUARANTINED,
}
"""Reasons that say something of this run and nothing of the content: such a ballot is not kept."""


class CollectionFailed(Exception):
    """A judge could not judge for a reason that has nothing to do with the content."""


async def collect_ballots(
    application: Application,
    items: Sequence[RatedItem],
    judges: Sequence[str],
    log: Path,
    progress: Progress,
    *,
    at_once: int | None = None,
    seconds: float = SECONDS_PER_ITEM,
) -> None:
    """Asks the judges about the items they have not judged in their present revision; appends to `log`.

    `at_once` items are in flight; None = one more than there are threads for local judges. Each may take
    so many `seconds`. Raises CollectionFailed at a ballot that says nothing of the content, and before
    anybody is asked where a judge only ever sits in later layers: asked by itself it would read no ballots.
    """
    _refuse_readers(application.catalog, judges)
    revisions = {name: application.catalog.judge(name).profile.revision for name in judges}
    rows, known = read_rows(log), {item.id: item for item in items}
    wanted = pending([item.id for item in items], revisions, rows)
    total, done = sum(map(len, wanted.values())), 0
    flying = at_once or application.pool.threads + 1
    for missing, ids in wanted.items():
        pipeline, requests = _asking(application, missing, [known[i] for i in ids])
        async for scoring in collect(pipeline, requests, at_once=flying, seconds=seconds):
            append_rows(log, _rows(scoring, revisions))
            done += 1
            progress(done, total)


def publish(log: Path, packed: Path, items: Sequence[RatedItem], revisions: Mapping[str, str]) -> None:
    """Packs the ballots of the present revisions into the file that is kept under version control."""
    rows = {
        item: {j: r for j, r in cast.items() if r.revision == revisions.get(j)}
        for item, cast in read_rows(log).items()
    }
    pack_rows(packed, rows, [item.id for item in items], tuple(revisions))


def resume_from(packed: Path, log: Path) -> None:
    """Makes the growing file fit to grow: starts it from the packed one, or mends its end after a crash."""
    if log.exists():
        drop_broken_end(log)
    elif packed.exists():
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(gzip.decompress(packed.read_bytes()))


def _refuse_readers(catalog: Catalog, judges: Sequence[str]) -> None:
    first, later = set[str](), set[str]()
    for panel in catalog.panels:
        for number, layer in enumerate(panel.in_layers()):
            (later if number else first).update(panel.seats.get(seat, seat) for seat in layer.judges)
    readers = ", ".join(judge for judge in judges if judge in later - first)
    if readers:
        raise CollectionFailed(
            f"{readers}: reads the ballots of earlier layers, and here every judge is asked by itself"
        )


def _asking(
    application: Application, judges: Sequence[str], items: Sequence[RatedItem]
) -> tuple[Pipeline, list[ScoreRequest]]:
    """A pipeline with a panel of just these judges, and the requests for it."""
    panel = Panel(
        name="collection",
        version=1,
        title="Judges whose ballots are missing",
        judges=tuple(judges),
        quorum=1,
        default_rubric="general",
        rubrics={item.kind: item.kind for item in items},
    )
    catalog = replace(application.catalog, panels=(panel,), default_panel=panel.name)
    pipeline = Pipeline(catalog, application.pipeline.clock)
    return pipeline, [ScoreRequest(content=item.content()) for item in items]


def _rows(record: Record, revisions: Mapping[str, str]) -> list[BallotRow]:
    item = record.request.content.id
    for ballot in record.verdict.ballots:
        if ballot.stand_in:
            raise CollectionFailed(f"{ballot.stand_in} stood in for {ballot.judge} on {item}: not its ballot")
    rows = [row_of(item, ballot, revisions[ballot.judge]) for ballot in record.verdict.ballots]
    for row in rows:
        if unusable := UNUSABLE & set(row.abstained.values()):
            why = ", ".join(sorted(unusable))
            raise CollectionFailed(f"{row.judge} abstained on {item} ({why}); see `moa-scorer doctor`")
    return rows
