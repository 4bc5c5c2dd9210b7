"""Which decisions of a server's own records a promotion would change: their ballots under two snapshots."""

from collections.abc import Iterator, Sequence

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Verdict
from moa_scorer.learning.loop.flips import Flips, compared


def flips_of_records(
    before: Snapshot | None,
    after: Snapshot,
    records: Sequence[Record],
    policy: Policy,
    reference: Reference,
) -> Flips:
    """Decides every record by the policy under both snapshots; no judge is asked."""
    old, new = (_verdicts(snapshot, records, reference) for snapshot in (before, after))
    return compared([record.name for record in records], old, new, policy)


def _verdicts(
    snapshot: Snapshot | None, records: Sequence[Record], reference: Reference
) -> Iterator[Verdict]:
    for record in records:
        yield reconcile(
            record.verdict.ballots,
            snapshot,
            rubric=record.plan.rubric,
            panel=record.plan.panel,
            quorum=record.plan.quorum,
            facts=record.facts,
            reference=reference,
            judge_revisions=record.plan.judge_revisions,
        )
