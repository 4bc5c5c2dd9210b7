"""Ballots as messages."""

from collections.abc import Iterable, Mapping
from typing import Final

from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.domain.ballot import (
    Abstention,
    AbstentionReason,
    Ballot,
    Evidence,
    Judgment,
    Polarity,
    Score,
)

REASONS: Final[Mapping[AbstentionReason, ballot_pb2.AbstentionReason.ValueType]] = {
    reason: ballot_pb2.AbstentionReason.Value(f"ABSTENTION_REASON_{reason.name}")
    for reason in AbstentionReason
}
POLARITIES: Final[Mapping[Polarity, ballot_pb2.Polarity.ValueType]] = {
    polarity: ballot_pb2.Polarity.Value(f"POLARITY_{polarity.name}") for polarity in Polarity
}


def ballot_message(ballot: Ballot, *, timed: bool) -> ballot_pb2.Ballot:
    """One judge's ballot; its latency only when `timed`, for it differs each time."""
    message = ballot_pb2.Ballot(judge=ballot.judge)
    if isinstance(ballot.outcome, Judgment):
        message.judgment.CopyFrom(_judgment(ballot.outcome))
    else:
        message.abstention.CopyFrom(_abstention(ballot.outcome))
    if timed:
        message.latency.FromNanoseconds(max(0, round(ballot.latency * 1e9)))
    return message


def judge_abstentions(
    abstentions: Iterable[tuple[str, Abstention]],
) -> Iterable[ballot_pb2.JudgeAbstention]:
    """(judge, why) pairs as messages, in the same order."""
    for judge, abstention in abstentions:
        yield ballot_pb2.JudgeAbstention(
            judge=judge, reason=REASONS[abstention.reason], detail=abstention.detail
        )


def _abstention(abstention: Abstention) -> ballot_pb2.Abstention:
    return ballot_pb2.Abstention(reason=REASONS[abstention.reason], detail=abstention.detail)


def _judgment(judgment: Judgment) -> ballot_pb2.Judgment:
    return ballot_pb2.Judgment(
        answers=[_answer(criterion, answer) for criterion, answer in judgment.answers.items()],
        evidence=[_evidence(span) for span in judgment.evidence],
        critique=judgment.critique,
        read_fraction=judgment.read_fraction,
    )


def _answer(criterion: str, answer: Score | Abstention) -> ballot_pb2.Answer:
    if isinstance(answer, Score):
        return ballot_pb2.Answer(criterion=criterion, score=answer.value)
    return ballot_pb2.Answer(criterion=criterion, abstention=_abstention(answer))


def _evidence(span: Evidence) -> ballot_pb2.Evidence:
    return ballot_pb2.Evidence(
        quote=span.quote,
        start=span.start,
        end=span.end,
        criterion=span.criterion,
        polarity=POLARITIES[span.polarity],
        note=span.note,
    )
