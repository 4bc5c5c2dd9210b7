"""Two ways to decide stored ballots beside each other: which decisions flip, at no call of any judge."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.errors import NotFound
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.record import Record
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import Ruling, Verdict
from moa_scorer.policy.floor import rule_on
from moa_scorer.scoring.artefacts import Artefacts, Calibration, MissingArtefact
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.what_if import AT_A_TIME, Change, changed, not_meant
from moa_scorer.scoring.what_if_tally import EXAMPLES, Tally, WhatIf

Case = tuple[Record, Calibration | MissingArtefact | None]
"""A record and what its number was made with; None where that is not needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A policy, a snapshot or a catalogue: exactly one of them."""

    name: str
    """For people, such as `policies/comments@1` or a folder."""
    policy: Policy | None = None
    """Decides on the stored verdicts."""
    snapshot: Snapshot | None = field(default=None, repr=False)
    """Scores the stored ballots; each record's own policy decides."""
    catalog: Catalog | None = field(default=None, repr=False)
    """Scores and decides as if the records' requests came to it, where the same judges are asked."""

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        if self.policy is not None:
            return "policy"
        return "snapshot" if self.snapshot is not None else "catalogue"

    @property
    def scores(self) -> bool:
        """Whether stored ballots are reconciled by the reference quantiles of their own record."""
        return self.snapshot is not None


class Untold(Exception):
    """A side says nothing about a record; the message is why."""


async def diff(
    records: AsyncIterator[Record],
    old: Side,
    new: Side,
    artefacts: Artefacts,
    *,
    examples: int = EXAMPLES,
    progress: Callable[[int], None] | None = None,
) -> WhatIf:
    """What the new side would change of what the old one says, over these records.

    Works in a thread, a few records at a time. `progress` is told how many more records are done. Raises what
    the iterator raises, StorageUnavailable, and cancellation.
    """
    tally, cases = Tally(most_examples=examples), list[Case]()
    async for record in records:
        found = await artefacts.of(record.plan) if old.scores or new.scores else None
        cases.append((record, found))
        if len(cases) == AT_A_TIME:
            await _counted(cases, old, new, tally, progress)
            cases = []
    await _counted(cases, old, new, tally, progress)
    return tally.result()


async def _counted(
    cases: Sequence[Case], old: Side, new: Side, tally: Tally, progress: Callable[[int], None] | None
) -> None:
    await asyncio.to_thread(_count, cases, old, new, tally)
    if progress is not None:
        progress(len(cases))


def _count(cases: Sequence[Case], old: Side, new: Side, tally: Tally) -> None:
    for record, found in cases:
        if isinstance(found, MissingArtefact):
            tally.add_untold(str(found))
            continue
        try:
            verdict, ruling = told(record, old, found)
            tally.add(replace(record, verdict=verdict, ruling=ruling), *told(record, new, found))
        except Untold as untold:
            tally.add_untold(str(untold))


def told(record: Record, side: Side, calibration: Calibration | None) -> tuple[Verdict, Ruling]:
    """What the side makes of a record; pure. Raises Untold.

    `calibration` is what the record was made with: a snapshot's side needs it.
    """
    if side.catalog is not None:
        return _by_catalog(record, side.catalog)
    change = Change(policy=side.policy, snapshot=side.snapshot)
    if why := not_meant(record, change):
        raise Untold(why)
    return changed(record, change, calibration if side.scores else None)


def _by_catalog(record: Record, catalog: Catalog) -> tuple[Verdict, Ruling]:
    """As `make_plan` would resolve the request, on the ballots that there are."""
    try:
        panel, rubric, policy = _resolved(record, catalog)
    except NotFound as missing:
        raise Untold(f"{missing.collection}/{missing.name} does not exist there") from None
    if panel.judges != record.plan.panel.judges:
        raise Untold(f"panel {panel.revision} asks others than {record.plan.panel.revision} did")
    snapshot = catalog.snapshot_for(rubric, panel, record.request.content.kind)
    verdict = reconcile(
        record.verdict.ballots,
        snapshot,
        rubric=rubric,
        panel=panel,
        quorum=record.request.quorum or panel.quorum,
        facts=record.facts,
        reference=catalog.reference,
        judge_revisions=record.plan.judge_revisions,
        in_time=record.in_time,
        standing=catalog.standing(snapshot, record.created.date()),
    )
    return verdict, rule_on(verdict, policy, catalog.floor, record.facts)


def _resolved(record: Record, catalog: Catalog) -> tuple[Panel, Rubric, Policy | None]:
    """Raises NotFound. The panel is the record's by name: routes were followed when it was made."""
    request, plan = record.request, record.plan
    pinned = plan.panel.revision if "@" in request.panel else plan.panel.name
    panel = catalog.panel(request.tenant, pinned)
    rubric = catalog.rubric(request.tenant, request.rubric or panel.rubric_for(request.content.kind))
    policy = catalog.policy(request.tenant, request.policy) if request.policy else None
    return panel, rubric, policy
