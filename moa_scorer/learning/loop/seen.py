"""What a sentry keeps of an answer: numbers and reasons, no content. Taken on the hot path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from moa_scorer.domain.ballot import AbstentionReason, Ballot, Judgment, Score, ScoreKind
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.source import source_of
from moa_scorer.domain.tenant import Tenant

UNASKED: Final = frozenset(
    {
        AbstentionReason.NOT_NEEDED,
        AbstentionReason.BUDGET,
        AbstentionReason.SAME_FAMILY,
        AbstentionReason.SENSITIVITY,
        AbstentionReason.DRIFT_MASKED,
        AbstentionReason.QUARANTINED,
        AbstentionReason.CANCELLED,
    }
)
"""Reasons of judges that nobody asked: they tell nothing of how the judge answers."""


class SeenScore(NamedTuple):
    """One score as it was given."""

    column: str
    """`judge/criterion`."""
    value: float
    kind: ScoreKind
    read: int
    """How many earlier ballots the judge had read."""


class SeenJudge(NamedTuple):
    """How one judge behaved."""

    judge: str
    """Its name in the panel."""
    catalogued: str
    """Its name in the catalogue."""
    reasons: tuple[AbstentionReason, ...]
    """Why it abstained, wholly or on a criterion; empty = it did not."""
    model: str
    """As its own endpoint reported it; empty = none, or another endpoint stood in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One answer."""

    snapshot: str
    """Revision that it was calibrated by."""
    tenant: Tenant
    source: str
    group: int
    """The same for items of one document: context, else text."""
    scores: tuple[SeenScore, ...]
    judges: tuple[SeenJudge, ...]
    """Those that were asked."""
    measures: Mapping[str, float]


def seen_of(record: Record) -> Seen | None:
    """What there is to see of an answer; None where nobody was asked anew, or nobody has rated."""
    plan = record.plan
    if not plan.snapshot or record.provisional or record.cache in (CacheUse.HIT, CacheUse.SHARED):
        return None
    content = record.request.content
    return Seen(
        snapshot=plan.snapshot,
        tenant=record.request.tenant,
        source=source_of(record.request.tenant, record.request.tags, content),
        group=hash(content.context or content.text),
        scores=tuple(score for ballot in record.verdict.ballots for score in _scores(ballot)),
        judges=tuple(
            _judge(ballot, plan.panel.seats) for ballot in record.verdict.ballots if _was_asked(ballot)
        ),
        measures=record.facts.measures,
    )


def _scores(ballot: Ballot) -> list[SeenScore]:
    outcome = ballot.outcome
    if not isinstance(outcome, Judgment):
        return []
    read = len(outcome.read)
    return [
        SeenScore(f"{ballot.judge}/{criterion}", answer.value, answer.kind, read)
        for criterion, answer in outcome.answers.items()
        if isinstance(answer, Score)
    ]


def _was_asked(ballot: Ballot) -> bool:
    return isinstance(ballot.outcome, Judgment) or ballot.outcome.reason not in UNASKED


def _judge(ballot: Ballot, seats: Mapping[str, str]) -> SeenJudge:
    outcome = ballot.outcome
    if isinstance(outcome, Judgment):
        reasons = tuple(a.reason for a in outcome.answers.values() if not isinstance(a, Score))
    else:
        reasons = (outcome.reason,)
    model = "" if ballot.stand_in else ballot.model
    return SeenJudge(ballot.judge, seats.get(ballot.judge, ballot.judge), reasons, model)
