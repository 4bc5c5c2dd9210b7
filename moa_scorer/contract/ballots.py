"""Ballots as messages."""

from collections.abc import Iterable, Mapping
from typing import Final

from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.contract.money import usage_message
from moa_scorer.contract.texts import sound
from moa_scorer.domain.ballot import (
    Abstention,
    AbstentionReason,
    Ballot,
    Evidence,
    Judgment,
    Polarity,
    Score,
    ScoreKind,
)
from moa_scorer.domain.panel import Panel

REASONS: Final[Mapping[AbstentionReason, ballot_pb2.AbstentionReason.ValueType]] = {
    reason: ballot_pb2.AbstentionReason.Value(f"ABSTENTION_REASON_{reason.name}")
    for reason in AbstentionReason
}
POLARITIES: Final[Mapping[Polarity, ballot_pb2.Polarity.ValueType]] = {
    polarity: ballot_pb2.Polarity.Value(f"POLARITY_{polarity.name}") for polarity in Polarity
}
KINDS: Final[Mapping[ScoreKind, ballot_pb2.ScoreKind.ValueType]] = {
    kind: ballot_pb2.ScoreKind.Value(f"SCORE_KIND_{kind.name}") for kind in ScoreKind
}


def layer_numbers(panel: Panel) -> Mapping[str, int]:
    """Judge -> its layer, from 1."""
    return {judge: n for n, layer in enumerate(panel.in_layers(), start=1) for judge in layer.judges}


def ballot_message(ballot: Ballot, *, layer: int, full: bool) -> ballot_pb2.Ballot:
    """One judge's ballot in a layer, counted from 1; what differs from call to call only when `full`."""
    message = ballot_pb2.Ballot(
        judge=ballot.judge, model=sound(ballot.model), stand_in=sound(ballot.stand_in), layer=layer
    )
    if ballot.redacted is not None:
        message.redacted = ballot.redacted
    if isinstance(ballot.outcome, Judgment):
        message.judgment.CopyFrom(_judgment(ballot.outcome, full=full))
    else:
        message.abstention.CopyFrom(_abstention(ballot.outcome))
    if full:
        message.latency.FromNanoseconds(max(0, round(ballot.latency * 1e9)))
        message.usage.CopyFrom(usage_message(ballot.usage))
        message.raw.extend(map(sound, ballot.raw))
    return message


def judge_abstentions(
    abstentions: Iterable[tuple[str, Abstention]],
) -> Iterable[ballot_pb2.JudgeAbstention]:
    """(judge, why) pairs as messages, in the same order."""
    for judge, abstention in abstentions:
        yield ballot_pb2.JudgeAbstention(
            judge=judge, reason=REASONS[abstention.reason], detail=sound(abstention.detail)
        )


def _abstention(abstention: Abstention) -> ballot_pb2.Abstention:
    return ballot_pb2.Abstention(reason=REASONS[abstention.reason], detail=sound(abstention.detail))


def _judgment(judgment: Judgment, *, full: bool) -> ballot_pb2.Judgment:
    return ballot_pb2.Judgment(
        answers=[_answer(criterion, answer, full=full) for criterion, answer in judgment.answers.items()],
        evidence=[_evidence(span) for span in judgment.evidence],
        critique=sound(judgment.critique),
        read_fraction=judgment.read_fraction,
        fabricated=judgment.fabricated,
        read=judgment.read,
        tamper_risk=judgment.tamper_risk,
    )


def _answer(criterion: str, answer: Score | Abstention, *, full: bool) -> ballot_pb2.Answer:
    if isinstance(answer, Abstention):
        return ballot_pb2.Answer(criterion=criterion, abstention=_abstention(answer))
    message = ballot_pb2.Answer(criterion=criterion, score=answer.value, kind=KINDS[answer.kind])
    if full:
        for score, probability in answer.distribution:
            message.distribution.add(score=score, probability=probability)
    return message


def _evidence(span: Evidence) -> ballot_pb2.Evidence:
    return ballot_pb2.Evidence(
        quote=span.quote,
        start=span.start,
        end=span.end,
        criterion=span.criterion,
        polarity=POLARITIES[span.polarity],
        note=sound(span.note),
    )
