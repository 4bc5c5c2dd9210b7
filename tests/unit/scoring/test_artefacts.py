"""Snapshots and reference quantiles by digest: served, kept, missing, damaged."""

from dataclasses import replace

import pytest

from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.record import Record
from moa_scorer.scoring.artefact_bytes import Unreadable, snapshot_bytes, snapshot_of
from moa_scorer.scoring.artefacts import DAMAGED, PARSED, Artefacts, Calibration, MissingArtefact, keep_served
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.replay import replayed
from tests.fakes.memory_stores import MemoryArtefacts
from tests.fakes.records import many_records

REFERENCE = Reference(
    version=2, corpus="tests", quantiles={"ann/clarity": (0.1, 0.9)}, ranks={"ann/clarity": (0.2, 0.8)}
)


async def kept_catalog() -> tuple[Catalog, Record, MemoryArtefacts]:
    """A catalogue that is kept, one of its records, and the store."""
    catalog, (record,) = await many_records(1, share=0.0)
    store = MemoryArtefacts()
    await keep_served(catalog, store)
    return catalog, record, store


def emptied(catalog: Catalog) -> Catalog:
    """The catalogue that serves other things now."""
    return replace(catalog, snapshots=(), reference=REFERENCE)


async def test_what_is_no_longer_served_is_read_from_the_store_and_replays_to_the_bit() -> None:
    catalog, record, store = await kept_catalog()
    artefacts = Artefacts(lambda: emptied(catalog), store)
    found = await artefacts.of(record.plan)
    assert isinstance(found, Calibration)
    assert found.snapshot == catalog.snapshots[0]
    assert found.reference == EMPTY_REFERENCE
    assert (await replayed(record, artefacts)).same


async def test_what_is_served_is_taken_as_it_is() -> None:
    catalog, record, _ = await kept_catalog()
    found = await Artefacts(lambda: catalog).of(record.plan)
    assert isinstance(found, Calibration)
    assert found.snapshot is catalog.snapshots[0]


async def test_a_snapshot_is_parsed_once() -> None:
    catalog, record, store = await kept_catalog()
    artefacts = Artefacts(lambda: emptied(catalog), store)
    one, other = await artefacts.of(record.plan), await artefacts.of(record.plan)
    assert isinstance(one, Calibration)
    assert isinstance(other, Calibration)
    assert one.snapshot is other.snapshot


async def test_many_snapshots_do_not_pile_up() -> None:
    catalog, record, store = await kept_catalog()
    many = [replace(catalog.snapshots[0], version=2 + k) for k in range(PARSED + 4)]
    await keep_served(replace(catalog, snapshots=tuple(many)), store)
    artefacts = Artefacts(lambda: emptied(catalog), store)
    for snapshot in many:
        plan = replace(record.plan, snapshot=snapshot.revision, calibration=snapshot.digest)
        assert isinstance(await artefacts.of(plan), Calibration)
    assert len(artefacts._parsed) == PARSED


async def test_bytes_that_were_changed_are_told_from_bytes_that_are_not_there() -> None:
    catalog, record, store = await kept_catalog()
    kind, content = store.artefacts[record.plan.calibration]
    store.artefacts[record.plan.calibration] = (kind, content[:100] + b"\0" + content[101:])
    found = await Artefacts(lambda: emptied(catalog), store).of(record.plan)
    assert isinstance(found, MissingArtefact)
    assert found.why == DAMAGED
    assert str(found).startswith(f"snapshots/{record.plan.snapshot} (sha256:")


async def test_a_snapshot_under_the_digest_of_another_is_not_taken() -> None:
    catalog, _, _ = await kept_catalog()
    other: Snapshot = replace(catalog.snapshots[0], version=9)
    with pytest.raises(Unreadable, match="another digest"):
        snapshot_of(snapshot_bytes(other), catalog.snapshots[0].digest)
