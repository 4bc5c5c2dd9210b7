"""What-if: stored ballots under another snapshot, policy, weights, quorum or without some judges."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.record import Record
from moa_scorer.domain.standing import IN_FORCE
from moa_scorer.domain.verdict import Ruling, Verdict
from moa_scorer.policy.floor import rule_on
from moa_scorer.scoring.artefacts import Artefacts, Calibration, MissingArtefact
from moa_scorer.scoring.reweigh import reweighed, unweighable
from moa_scorer.scoring.what_if_tally import EXAMPLES, Tally, WhatIf

AT_A_TIME: Final = 32
"""Records worked out in one go: some ten milliseconds of a thread, after which a cancellation is heeded."""
LEFT_OUT: Final = Abstention(reason=AbstentionReason.CANCELLED, detail="left out by the what-if")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would be different; everything else is as each record has it."""

    policy: Policy | None = None
    """Decides in place of the record's own policy; the server's floor stays."""
    snapshot: Snapshot | None = field(default=None, repr=False)
    """Calibrates in place of the record's own, where it was fitted for the record's rubric and panel."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Criterion -> weight >= 0, one above 0, in place of the rubric's own; the result is UNCALIBRATED."""
    without: frozenset[str] = frozenset()
    """Judges whose ballots do not count."""
    only: frozenset[str] = frozenset()
    """Judges whose ballots alone count; empty = all but those of `without`."""
    quorum: int | None = None
    """In place of the record's own, >= 1."""

    @property
    def changes_the_number(self) -> bool:
        """Whether ballots have to be reconciled again; another policy alone decides on the stored verdict."""
        others = (self.weights, self.without, self.only, self.quorum is not None)
        return self.snapshot is not None or any(others)


Case = tuple[Record, Calibration | None]
"""A record and what its number was made with; None where that is not needed."""


async def what_if(
    records: AsyncIterator[Record],
    change: Change,
    artefacts: Artefacts,
    *,
    examples: int = EXAMPLES,
    progress: Callable[[int], None] | None = None,
) -> WhatIf:
    """What the change would do to the decisions of these records, at no call of any judge.

    Works in a thread, a few records at a time, so that the loop stays alive. `progress` is told how many more
    records are done. Raises what the iterator raises, StorageUnavailable, and cancellation.
    """
    tally = Tally(most_examples=examples)
    cases: list[Case] = []
    async for record in records:
        found = await artefacts.of(record.plan) if change.changes_the_number else None
        if isinstance(found, MissingArtefact):
            tally.add_untold(str(found))
            _advance(progress, 1)
            continue
        cases.append((record, found))
        if len(cases) == AT_A_TIME:
            await asyncio.to_thread(_count, cases, change, tally)
            _advance(progress, len(cases))
            cases = []
    await asyncio.to_thread(_count, cases, change, tally)
    _advance(progress, len(cases))
    return tally.result()


def changed(record: Record, change: Change, calibration: Calibration | None) -> tuple[Verdict, Ruling]:
    """The record's verdict and ruling under a change that says something about it; pure."""
    verdict = record.verdict if calibration is None else _reconciled(record, change, calibration)
    return verdict, _ruling(record, verdict, change)


def _count(cases: Sequence[Case], change: Change, tally: Tally) -> None:
    for record, calibration in cases:
        if why := not_meant(record, change):
            tally.add_untold(why)
            continue
        verdict, ruling = changed(record, change, calibration)
        if change.weights and (name := unweighable(verdict, change.weights)):
            tally.add_untold(f"criterion {name} has a weight and no score")
        else:
            tally.add(record, verdict, ruling)


def not_meant(record: Record, change: Change) -> str:
    """Why the change says nothing about a record; empty when it does."""
    rubric, panel, snapshot = record.plan.rubric, record.plan.panel, change.snapshot
    if snapshot is not None and (snapshot.rubric, snapshot.panel) != (rubric.revision, panel.revision):
        return f"scored by rubric {rubric.revision} and panel {panel.revision}, which the snapshot is not for"
    if change.weights and set(change.weights) != {c.name for c in rubric.criteria}:
        return f"the weights are not those of the criteria of rubric {rubric.revision}"
    return ""


def _reconciled(record: Record, change: Change, calibration: Calibration) -> Verdict:
    plan = record.plan
    verdict = reconcile(
        [_counted(ballot, change) for ballot in record.verdict.ballots],
        change.snapshot or calibration.snapshot,
        rubric=plan.rubric,
        panel=plan.panel,
        quorum=change.quorum or plan.quorum,
        facts=record.facts,
        reference=calibration.reference,
        judge_revisions=plan.judge_revisions,
        in_time=record.in_time,
        standing=record.standing if change.snapshot is None else IN_FORCE,
    )
    if change.weights and not unweighable(verdict, change.weights):
        return reweighed(verdict, plan.rubric, change.weights)
    return verdict


def _ruling(record: Record, verdict: Verdict, change: Change) -> Ruling:
    return rule_on(verdict, change.policy or record.plan.policy, record.plan.floor, record.facts)


def _counted(ballot: Ballot, change: Change) -> Ballot:
    out = ballot.judge in change.without or (change.only and ballot.judge not in change.only)
    return replace(ballot, outcome=LEFT_OUT) if out else ballot


def _advance(progress: Callable[[int], None] | None, count: int) -> None:
    if progress is not None:
        progress(count)
