"""Messages as results."""

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.duration_pb2 import Duration

from moa_scorer.api.v1 import ballot_pb2, cost_pb2, facts_pb2, plan_pb2, verdict_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.client import results


def word(enum: EnumDescriptor, number: int, prefix: str) -> str:
    """An enum's number as a lower-case word without its prefix; `unknown_N` for one of the future."""
    known = enum.values_by_number.get(number)
    return known.name.removeprefix(prefix).lower() if known else f"unknown_{number}"


def _said(enum: EnumDescriptor, number: int, prefix: str) -> str:
    """The same; empty for what was not sent."""
    return word(enum, number, prefix) if number else ""


def _seconds(duration: Duration) -> float:
    return duration.seconds + duration.nanos / 1e9


def _dollars(cost: cost_pb2.Cost) -> float:
    return cost.micro_usd / 1e6


def result_of(message: pb.ScoreContentResponse) -> results.Result:
    """A verdict."""
    return results.Result(
        content_id=message.content_id,
        decision=word(verdict_pb2.Decision.DESCRIPTOR, message.decision, "DECISION_"),
        rule=message.rule,
        completion=word(verdict_pb2.Completion.DESCRIPTOR, message.completion, "COMPLETION_"),
        outcome=_outcome(message),
        panel=message.panel,
        rubric=message.rubric,
        policy=message.policy,
        snapshot=message.snapshot,
        planned=message.planned,
        answered=message.answered,
        ruler=message.ruler,
        ballots=tuple(ballot_of(ballot) for ballot in message.ballots),
        rationale=message.rationale,
        facts=_facts(message.facts) if message.HasField("facts") else None,
        plan=plan_of(message.plan) if message.HasField("plan") else None,
        elapsed=_seconds(message.timing.elapsed) if message.HasField("timing") else None,
        cost=_dollars(message.cost) if message.HasField("cost") else None,
        degraded=message.degraded,
        record=message.record,
        unrecorded=_said(pb.Unrecorded.DESCRIPTOR, message.unrecorded, "UNRECORDED_"),
        cache=_said(pb.CacheUse.DESCRIPTOR, message.cache, "CACHE_USE_"),
        origin=message.origin,
        message=message,
    )


def _outcome(message: pb.ScoreContentResponse) -> results.Scored | results.NotScored | None:
    chosen = message.WhichOneof("result")
    if chosen == "scored":
        return _scored(message.scored)
    if chosen == "unscored":
        reason = word(verdict_pb2.UnscoredReason.DESCRIPTOR, message.unscored.reason, "UNSCORED_REASON_")
        abstentions = tuple(_judge_abstention(a) for a in message.unscored.abstentions)
        return results.NotScored(reason=reason, abstentions=abstentions)
    return None


def _scored(scored: verdict_pb2.Scored) -> results.Scored:
    return results.Scored(
        score=scored.score,
        value=scored.value,
        interval=_interval(scored.interval) if scored.HasField("interval") else None,
        certificate=word(verdict_pb2.CertificateStatus.DESCRIPTOR, scored.certificate, "CERTIFICATE_STATUS_"),
        certificate_detail=scored.certificate_detail,
        criteria=tuple(_criterion(c) for c in scored.criteria),
        raters=scored.raters if scored.HasField("raters") else None,
        effective_votes=scored.effective_votes if scored.HasField("effective_votes") else None,
        baseline=scored.baseline if scored.HasField("baseline") else None,
        contributions=tuple(
            results.Contribution(column=c.column, value=c.value, amount=c.amount)
            for c in scored.contributions
        ),
    )


def _interval(interval: verdict_pb2.Interval) -> results.Interval:
    return results.Interval(
        lower=interval.lower,
        upper=interval.upper,
        coverage=interval.coverage,
        kind=word(verdict_pb2.IntervalKind.DESCRIPTOR, interval.kind, "INTERVAL_KIND_"),
    )


def _criterion(criterion: verdict_pb2.CriterionResult) -> results.Criterion:
    return results.Criterion(
        name=criterion.name,
        score=criterion.score if criterion.HasField("score") else None,
        value=criterion.value if criterion.HasField("value") else None,
        interval=_interval(criterion.interval) if criterion.HasField("interval") else None,
        abstentions=tuple(_judge_abstention(a) for a in criterion.unscored.abstentions),
    )


def _reason(number: int) -> str:
    return word(ballot_pb2.AbstentionReason.DESCRIPTOR, number, "ABSTENTION_REASON_")


def _judge_abstention(abstention: ballot_pb2.JudgeAbstention) -> results.Abstention:
    return results.Abstention(
        judge=abstention.judge, reason=_reason(abstention.reason), detail=abstention.detail
    )


def _abstention(judge: str, abstention: ballot_pb2.Abstention) -> results.Abstention:
    return results.Abstention(judge=judge, reason=_reason(abstention.reason), detail=abstention.detail)


def ballot_of(ballot: ballot_pb2.Ballot) -> results.Ballot:
    """A judge's ballot."""
    judgment = ballot.judgment
    abstained = ballot.HasField("abstention")
    return results.Ballot(
        judge=ballot.judge,
        answers=tuple(_answer(ballot.judge, answer) for answer in judgment.answers),
        evidence=tuple(_evidence(span) for span in judgment.evidence),
        critique=judgment.critique,
        read_fraction=judgment.read_fraction if judgment.HasField("read_fraction") else None,
        abstention=_abstention(ballot.judge, ballot.abstention) if abstained else None,
        latency=_seconds(ballot.latency) if ballot.HasField("latency") else None,
        layer=ballot.layer,
        model=ballot.model,
        stand_in=ballot.stand_in,
        redacted=ballot.redacted if ballot.HasField("redacted") else None,
        fabricated=judgment.fabricated,
        read=tuple(judgment.read),
        tamper_risk=judgment.tamper_risk,
        usage=_usage(ballot.usage) if ballot.HasField("usage") else None,
        raw=tuple(ballot.raw),
    )


def _usage(usage: ballot_pb2.Usage) -> results.Usage:
    return results.Usage(
        calls=usage.calls,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        cost=_dollars(usage.cost),
    )


def _answer(judge: str, answer: ballot_pb2.Answer) -> results.Answer:
    return results.Answer(
        criterion=answer.criterion,
        score=answer.score if answer.HasField("score") else None,
        abstention=_abstention(judge, answer.abstention) if answer.HasField("abstention") else None,
        kind=word(ballot_pb2.ScoreKind.DESCRIPTOR, answer.kind, "SCORE_KIND_") if answer.kind else "",
        distribution=tuple((each.score, each.probability) for each in answer.distribution),
    )


def _evidence(span: ballot_pb2.Evidence) -> results.Evidence:
    return results.Evidence(
        quote=span.quote,
        start=span.start,
        end=span.end,
        criterion=span.criterion,
        polarity=word(ballot_pb2.Polarity.DESCRIPTOR, span.polarity, "POLARITY_"),
        note=span.note,
    )


def _facts(facts: facts_pb2.Facts) -> results.Facts:
    return results.Facts(
        language=facts.language,
        language_declared=facts.language_declared,
        tamper_risk=facts.tamper_risk,
    )


def plan_of(plan: plan_pb2.Plan) -> results.Plan:
    """What is going to be done."""
    return results.Plan(
        panel=plan.panel,
        rubric=plan.rubric,
        policy=plan.policy,
        snapshot=plan.snapshot,
        judges=tuple(plan.judges),
        quorum=plan.quorum,
        ruler=plan.ruler,
        expected_seconds=_seconds(plan.expected_time),
        layers=tuple(_planned_layer(layer) for layer in plan.layers),
        most_cost=_dollars(plan.most_cost),
        left_out=tuple(_judge_abstention(a) for a in plan.left_out),
    )


def _planned_layer(layer: plan_pb2.PlannedLayer) -> results.PlannedLayer:
    return results.PlannedLayer(
        judges=tuple(layer.judges),
        expected_seconds=_seconds(layer.expected_time),
        budget=_seconds(layer.budget),
        most_cost=_dollars(layer.most_cost),
    )


def event_of(message: pb.StreamScoreContentResponse) -> results.Event | None:
    """What a stream tells; None for an event that this version does not know."""
    chosen = message.WhichOneof("event")
    if chosen == "plan":
        return plan_of(message.plan)
    if chosen == "ballot":
        return ballot_of(message.ballot)
    if chosen == "provisional":
        return result_of(message.provisional)
    return result_of(message.verdict) if chosen == "verdict" else None
