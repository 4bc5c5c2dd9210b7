"""Replay: the stored ballots reconciled again by the stored ruler, and the first difference named."""

import asyncio
from dataclasses import dataclass, replace

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.record import Record
from moa_scorer.domain.ruler import reported_ruler
from moa_scorer.domain.stores import RecordStore
from moa_scorer.domain.tenant import Tenant
from moa_scorer.domain.verdict import Ruling, Verdict
from moa_scorer.policy.floor import rule_on
from moa_scorer.scoring.artefacts import Artefacts, Calibration, MissingArtefact
from moa_scorer.scoring.difference import Difference, first_difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What replaying a record came to; with neither difference, damage nor gap it is the same to the bit."""

    name: str
    """The record's."""
    record: Record | None = None
    """As stored; None when it is damaged."""
    again: tuple[Verdict, Ruling] | None = None
    """As it came out; None when nothing did."""
    difference: Difference | None = None
    damaged: str = ""
    """Part whose bytes are not those that were written; empty = none."""
    missing: MissingArtefact | None = None

    @property
    def same(self) -> bool:
        """Whether the number and the decision came out again, to the last bit."""
        return self.difference is None and self.missing is None and not self.damaged

    @property
    def words(self) -> str:
        """What is wrong, for people; empty when nothing is."""
        if self.damaged:
            return f"the bytes of its {self.damaged} are not those that were written"
        if self.difference is not None:
            found = self.difference
            return f"{found.path}: stored {found.stored}, recomputed {found.recomputed}"
        return str(self.missing or "")


def recomputed(record: Record, calibration: Calibration) -> tuple[Verdict, Ruling]:
    """Verdict and ruling from the record's own ballots, facts and policy; pure."""
    plan = record.plan
    verdict = reconcile(
        record.verdict.ballots,
        calibration.snapshot,
        rubric=plan.rubric,
        panel=plan.panel,
        quorum=plan.quorum,
        facts=record.facts,
        reference=calibration.reference,
        provisional=record.provisional,
        judge_revisions=plan.judge_revisions,
        in_time=record.in_time,
        standing=record.standing,
    )
    return verdict, rule_on(verdict, plan.policy, plan.floor, record.facts)


def compared(record: Record, calibration: Calibration) -> Replay:
    """The record beside what its ballots give now; pure, a fraction of a millisecond once a mask is known."""
    verdict, ruling = recomputed(record, calibration)
    again = replace(
        record,
        verdict=verdict,
        ruling=ruling,
        ruler_reported=reported_ruler(record.plan.ruler, verdict.ballots),
    )
    difference = first_difference(record, again)
    return Replay(name=record.name, record=record, again=(verdict, ruling), difference=difference)


async def replayed(record: Record, artefacts: Artefacts) -> Replay:
    """Replays one record, in a thread: a mask that is not known yet takes tens of milliseconds.

    Raises StorageUnavailable.
    """
    calibration = await artefacts.of(record.plan)
    if isinstance(calibration, MissingArtefact):
        return Replay(name=record.name, record=record, missing=calibration)
    return await asyncio.to_thread(compared, record, calibration)


async def replay(records: RecordStore, artefacts: Artefacts, tenant: Tenant, name: str) -> Replay:
    """Replays the record of that name; raises NotFound and StorageUnavailable."""
    try:
        record = await records.get(tenant, name)
    except DamagedRecord as damage:
        return Replay(name=name, damaged=damage.part)
    return await replayed(record, artefacts)
