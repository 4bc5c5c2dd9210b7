"""A server's answers watched: items unlike the rated ones make the answers that follow STALE."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.app.serving.watching import Watching
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.loop.sentry import Sentry
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import SystemClock
from tests.fakes.records import rated, recorded_catalog, snapshot_of
from tests.fakes.servers import Served, serving

VALID, STALE = verdict_pb2.CERTIFICATE_STATUS_VALID, verdict_pb2.CERTIFICATE_STATUS_STALE
RATED = 200


@dataclass
class Settings:
    catalog_dir: Path


@dataclass
class App:
    """As much of an application as is watched."""

    settings: Settings
    pipeline: Pipeline

    @property
    def catalog(self) -> Catalog:
        return self.pipeline.catalog


def higher(table: RatedTable) -> RatedTable:
    """Every judge scores these items higher than rated ones."""
    return replace(table, values=np.clip(table.values + 0.3, 0, 1))


async def certificates(served: Served, table: RatedTable, items: range, source: str) -> list[int]:
    found = []
    for i in items:
        request = pb.ScoreContentRequest(tags={"source": source})
        request.content.id, request.content.kind = table.ids[i], "essay"
        request.content.text = f"The essay {table.ids[i]} says a thing or two."
        found.append((await served.scoring.ScoreContent(request)).scored.certificate)
    return found


async def test_after_a_hundred_items_of_a_source_unlike_the_rated_its_answers_are_stale_and_no_other(
    tmp_path: Path,
) -> None:
    table = rated(RATED + 140)
    snapshot = snapshot_of(table.take(np.arange(RATED)))
    pipeline = Pipeline(recorded_catalog(higher(table), snapshots=(snapshot,)), SystemClock())
    sentry = Sentry()
    pipeline.witness = sentry.witness
    watching = Watching(App(Settings(tmp_path), pipeline), sentry)  # type: ignore[arg-type]

    async with serving(pipeline) as served:
        before = await certificates(served, table, range(RATED, RATED + 99), "forum")
        await watching.look()
        early = await certificates(served, table, range(RATED + 99, RATED + 110), "forum")
        await watching.look()
        after = await certificates(served, table, range(RATED + 110, RATED + 120), "forum")
        others = await certificates(served, table, range(RATED + 120, RATED + 130), "letters")

    assert STALE not in [*before, *early, *others]
    assert set(after) == {STALE}
    assert VALID in before
