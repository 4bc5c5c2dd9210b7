"""What a calibration is asked for by name -> the order that the learning loop works on, and the work."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.domain.audit_log import AuditAction, AuditEntry, AuditLog
from moa_scorer.domain.errors import Precondition
from moa_scorer.domain.job_order import Calibration
from moa_scorer.domain.tenant import Tenant
from moa_scorer.learning.loop.online import CalibrationOrder, CalibrationOutcome, calibrate
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.seats import seated

SNAPSHOTS = "snapshots"
"""Folder of a catalogue that snapshots stand in."""
NO_FOLDER = "there is no folder to write a snapshot to: set `catalog_dir` (MOA_SCORER_CATALOG_DIR) to one"


def order_of(
    wanted: Calibration, catalog: Catalog, catalog_dir: Path | None, tenant: Tenant, who: str
) -> CalibrationOrder:
    """The order with every name resolved; raises NotFound, and Precondition without a folder to write to."""
    if catalog_dir is None:
        raise Precondition("catalog_dir", NO_FOLDER)
    panel = catalog.panel(tenant, wanted.panel)
    rubric = catalog.rubric(tenant, wanted.rubric or panel.rubric_for(wanted.kind))
    name = f"{rubric.name}.{wanted.kind}.{panel.name}"
    judges = [judge.profile for judge in seated(panel, catalog)]
    return CalibrationOrder(
        rubric=rubric,
        panel=panel,
        kind=wanted.kind,
        language=wanted.language,
        folder=catalog_dir / SNAPSHOTS,
        served=tuple(s for s in catalog.snapshots if s.name == name),
        state=catalog.states.get(name, SnapshotState()),
        revisions={profile.name: profile.calibrated_as for profile in judges},
        fixed=frozenset(profile.name for profile in judges if not profile.endpoint),
        reference=catalog.reference,
        policies=catalog.policies,
        tenant=tenant,
        who=who,
        accepted=wanted.accepted,
        even_if_not_due=wanted.even_if_not_due,
        seed=wanted.seed,
    )


async def calibrate_records(
    pipeline: Pipeline,
    wanted: Calibration,
    catalog_dir: Path | None,
    *,
    tenant: Tenant,
    who: str,
    tell: Callable[[str], None] = lambda _: None,
) -> CalibrationOutcome:
    """Calibrates by the records and ratings of a pipeline's memory, computing in a process of its own.

    After a PROMOTED the catalogue has to be read again. Raises Precondition, NotFound, StorageUnavailable.
    """
    memory = pipeline.memory
    if memory.records is None or memory.ratings is None:
        raise Precondition("records", "no records are kept: set `database` (MOA_SCORER_DATABASE)")
    order = order_of(wanted, pipeline.catalog, catalog_dir, tenant, who)
    order.folder.mkdir(parents=True, exist_ok=True)
    executor = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
    try:
        now = pipeline.clock.now()
        promoting = partial(_log, memory.audit_log, order, now)
        return await calibrate(
            memory.records,
            memory.ratings,
            order,
            now,
            executor=executor,
            tell=tell,
            promoting=promoting,
        )
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


async def _log(
    log: AuditLog | None, order: CalibrationOrder, now: datetime, outcome: CalibrationOutcome
) -> None:
    """Who promotes what, before it is done; raises StorageUnavailable, and then nothing is."""
    entry = AuditEntry(
        at=now,
        tenant=order.tenant,
        who=order.who,
        action=AuditAction.SNAPSHOT_PROMOTED,
        subject=f"snapshots/{outcome.name}",
        before=outcome.parent,
        after=outcome.candidate,
        why=f"calibrated on {outcome.new_ratings} new ratings",
    )
    if log is not None:
        await log.add(entry)
