"""Why a record says what it says, as a message made from its numbers alone."""

from collections.abc import Iterable, Iterator

from moa_scorer.aggregation.flip import Flip, smallest_flip
from moa_scorer.aggregation.rationale import UNUSUAL, explain
from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.calibration.table import is_measure
from moa_scorer.contract.ballots import judge_abstentions
from moa_scorer.contract.deciding import deciding
from moa_scorer.contract.texts import sound
from moa_scorer.contract.verdicts import DECISIONS
from moa_scorer.domain.ballot import Abstention
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Contribution, Scored


def explanation(record: Record) -> pb.ExplainRecordResponse:
    """The record explained."""
    plan, verdict, ruling = record.plan, record.verdict, record.ruling
    why = deciding(record)
    flip = smallest_flip(verdict, ruling, why) if why is not None else None
    absent = [(b.judge, b.outcome) for b in verdict.ballots if isinstance(b.outcome, Abstention)]
    message = pb.ExplainRecordResponse(
        name=f"records/{record.name}",
        rationale=sound(explain(verdict, ruling, plan.rubric, why, plan.panel.writer)),
        flip=_flip(flip) if flip is not None else None,
        abstentions=judge_abstentions(absent),
        decision=DECISIONS[ruling.decision],
        rule=ruling.rule,
    )
    if isinstance(verdict.outcome, Scored):
        _add_contributions(message, verdict.outcome)
    return message


def _add_contributions(message: pb.ExplainRecordResponse, scored: Scored) -> None:
    contributions = sorted(scored.overall.contributions, key=lambda c: (-abs(c.amount), c.column))
    message.contributions.extend(
        verdict_pb2.Contribution(column=c.column, value=c.value, amount=c.amount) for c in contributions
    )
    message.dissents.extend(_dissents(contributions))
    if scored.certificate.snapshot:
        message.baseline = scored.overall.baseline


def _dissents(contributions: Iterable[Contribution]) -> Iterator[pb.Dissent]:
    """Of judges, the furthest first."""
    far = [
        (c.deviation, c)
        for c in contributions
        if c.deviation is not None and abs(c.deviation) >= UNUSUAL and not is_measure(c.column)
    ]
    for deviation, c in sorted(far, key=lambda found: (-abs(found[0]), found[1].column)):
        yield pb.Dissent(column=c.column, alone=c.alone, deviation=deviation)


def _flip(flip: Flip) -> pb.DecisionFlip:
    return pb.DecisionFlip(criterion=flip.criterion, shift=flip.shift, decision=DECISIONS[flip.decision])
