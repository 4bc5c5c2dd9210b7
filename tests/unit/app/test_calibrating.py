"""A calibration by name, computed in a process of its own."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from moa_scorer.app.calibrating import calibrate_records, order_of
from moa_scorer.domain.audit_log import AuditAction, AuditEntry
from moa_scorer.domain.errors import Precondition
from moa_scorer.domain.job_order import Calibration
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.learning.loop.online import Step
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.feedback import essays, memory_on, ratings_of, sqlite_in
from tests.fakes.judges import SystemClock
from tests.fakes.records import rated, recorded_catalog, scored, snapshot_of

WANTED = Calibration(panel="trio", rubric="", kind="essay")


class Log:
    """An audit log in memory."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def add(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    async def page(self, size: int, *, since: datetime | None = None, after: int = 0) -> list[AuditEntry]:
        return self.entries[after : after + size]


async def test_a_snapshot_is_fitted_in_another_process_and_written_by_this_one(tmp_path: Path) -> None:
    table = rated(60)
    catalog = recorded_catalog(table)
    records = await scored(catalog, essays(table, range(60)))
    async with memory_on(sqlite_in(tmp_path)) as memory:
        assert memory.records is not None
        assert memory.ratings is not None
        for record in records:
            await memory.records.put(record)
        await memory.ratings.add(ratings_of(table, records))
        log = Log()
        pipeline = Pipeline(catalog, SystemClock(), replace(memory, audit_log=log))
        steps: list[str] = []

        outcome = await calibrate_records(
            pipeline, WANTED, tmp_path, tenant=DEFAULT_TENANT, who="ada", tell=steps.append
        )

    assert outcome.step is Step.PROMOTED, outcome
    assert outcome.file == str(tmp_path / "snapshots" / "essay.essay.trio@1.json.gz")
    (entry,) = log.entries
    assert (entry.who, entry.action) == ("ada", AuditAction.SNAPSHOT_PROMOTED)
    assert (entry.subject, entry.after) == ("snapshots/essay.essay.trio", "essay.essay.trio@1")
    assert steps == ["counting new ratings", "reading rated records", "fitting and checking a candidate"]


def test_the_order_knows_every_version_and_the_judges_as_they_are() -> None:
    table = rated(60)
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),))

    order = order_of(WANTED, catalog, Path("there"), DEFAULT_TENANT, "ada")

    assert [s.version for s in order.served] == [1]
    assert order.revisions == {"ann": "1", "bob": "1", "cid": "1"}
    assert order.folder == Path("there/snapshots")


async def test_without_a_folder_or_records_it_says_what_to_set() -> None:
    catalog = recorded_catalog(rated(30))
    with pytest.raises(Precondition, match="catalog_dir"):
        order_of(WANTED, catalog, None, DEFAULT_TENANT, "ada")
    with pytest.raises(Precondition, match="database"):
        await calibrate_records(
            Pipeline(catalog, SystemClock()), WANTED, Path("there"), tenant=DEFAULT_TENANT, who="ada"
        )
