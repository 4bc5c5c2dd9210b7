"""Ballots of the caller's own judges: every violation at once, and the request as a domain value."""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final

from moa_scorer.api.v1 import ballot_pb2, own_ballot_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.access import tenant
from moa_scorer.contract.ballots import REASONS
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.translate import bare
from moa_scorer.contract.validate import check, choice_violations, content_violations, reference_violations
from moa_scorer.domain.ballot import Abstention
from moa_scorer.domain.content import Content
from moa_scorer.domain.errors import InvalidRequest, NotFound, Violation
from moa_scorer.domain.raw_ballot import RawBallot, RawScore
from moa_scorer.domain.request import ReconcileRequest
from moa_scorer.scoring.brought import strange_names
from moa_scorer.scoring.catalog import Catalog

REASON_OF: Final = {number: reason for reason, number in REASONS.items()}
SUM_WITHIN: Final = 0.01
"""How far probabilities may sum from 1: vendors round, and keep only the likeliest tokens."""
LONGEST_DETAIL: Final = 512
"""Characters of an abstention's words."""
MOST_BALLOTS: Final = 256
"""Of a request: more judges than any panel has, and few enough to look at every one."""
MOST_ANSWERS: Final = 256
"""Of a ballot."""
MOST_SCORES: Final = 1024
"""Samples of an answer, or scores of its distribution."""
MOST_VIOLATIONS: Final = 100
"""Told of a request: nobody looks for more, which in a message full of mistakes would take seconds."""


def brought(
    message: pb.ReconcileBallotsRequest,
    catalog: Catalog,
    limits: Limits = LIMITS,
) -> ReconcileRequest:
    """Parses a request; raises InvalidRequest with its violations, names that nobody rated among them."""
    check(_sizes(message))
    unresolved = tuple(_references(message))
    found = (*unresolved, *islice(_violations(message, limits), MOST_VIOLATIONS))
    if unresolved:
        raise InvalidRequest(found)
    if found:
        with suppress(NotFound):
            known = {violation.field for violation in found}
            found += tuple(v for v in strange_names(_names(message), catalog) if v.field not in known)
        raise InvalidRequest(found)
    return _request(message, _raw_ballots(message))


def _references(message: pb.ReconcileBallotsRequest) -> Iterator[Violation]:
    yield from reference_violations("snapshot", "snapshots", message.snapshot)
    yield from reference_violations("panel", "panels", message.panel)
    yield from reference_violations("rubric", "rubrics", message.rubric)
    if not message.snapshot and not message.panel:
        yield Violation("snapshot", "is required, or else `panel`: moa-scorer fit makes one of ratings")
    for field in ("panel", "rubric"):
        if message.snapshot and getattr(message, field):
            yield Violation(field, "must be empty beside `snapshot`, which brings its own")


def _sizes(message: pb.ReconcileBallotsRequest) -> Iterator[Violation]:
    """Lists so long that nothing in them is looked at: naming each mistake would take seconds."""
    if len(message.ballots) > MOST_BALLOTS:
        yield Violation("ballots", f"has {len(message.ballots)} entries, and {MOST_BALLOTS} are the most")
        return
    for i, ballot in enumerate(message.ballots):
        if len(ballot.answers) > MOST_ANSWERS:
            yield Violation(
                f"ballots[{i}].answers", f"has {len(ballot.answers)} entries, and {MOST_ANSWERS} are the most"
            )
            continue
        for k, answer in enumerate(ballot.answers):
            for field in ("samples", "distribution"):
                if (size := len(getattr(answer, field))) > MOST_SCORES:
                    where = f"ballots[{i}].answers[{k}].{field}"
                    yield Violation(where, f"has {size} entries, and {MOST_SCORES} are the most")


def _violations(message: pb.ReconcileBallotsRequest, limits: Limits) -> Iterator[Violation]:
    seen: set[str] = set()
    for i, ballot in enumerate(message.ballots):
        if ballot.judge in seen:
            yield Violation(f"ballots[{i}].judge", "has a ballot already: at most one a judge")
        seen.add(ballot.judge)
        for violation in _ballot(ballot):
            yield Violation(f"ballots[{i}].{violation.field}", violation.description)
    yield from content_violations(message.content, limits)
    yield from choice_violations(message)


def _ballot(ballot: own_ballot_pb2.OwnBallot) -> Iterator[Violation]:
    if not ballot.judge:
        yield Violation("judge", "is required")
    whole = ballot.HasField("abstention")
    if whole == bool(ballot.answers):
        yield Violation("answers", "exactly one of `answers` and `abstention` is required")
    if whole:
        yield from _abstention("abstention", ballot.abstention)
    seen: set[str] = set()
    for k, answer in enumerate(ballot.answers):
        if answer.criterion in seen:
            yield Violation(f"answers[{k}].criterion", "has an answer already: at most one a criterion")
        seen.add(answer.criterion)
        for violation in _answer(answer):
            yield Violation(f"answers[{k}].{violation.field}", violation.description)


def _answer(answer: own_ballot_pb2.OwnAnswer) -> Iterator[Violation]:
    if not answer.criterion:
        yield Violation("criterion", "is required")
    said = answer.HasField("score") or bool(answer.samples) or bool(answer.distribution)
    if said == answer.HasField("abstention"):
        yield Violation("score", "either a score, samples or a distribution is required, or an abstention")
    if answer.HasField("abstention"):
        yield from _abstention("abstention", answer.abstention)
    if answer.samples and answer.distribution:
        yield Violation("distribution", "must be empty beside `samples`")
    if answer.HasField("score"):
        yield from _finite("score", answer.score)
    for n, sample in enumerate(answer.samples):
        yield from _finite(f"samples[{n}]", sample)
    if answer.distribution:
        yield from _distribution(answer.distribution)


def _distribution(pairs: Iterable[own_ballot_pb2.RawProbability]) -> Iterator[Violation]:
    masses = []
    for n, pair in enumerate(pairs):
        if not pair.HasField("score") or not pair.HasField("probability"):
            yield Violation(f"distribution[{n}]", "needs a score and a probability")
        yield from _finite(f"distribution[{n}].score", pair.score)
        if not 0 <= pair.probability <= 1:
            yield Violation(f"distribution[{n}].probability", "must lie in [0, 1]")
        masses.append(pair.probability)
    if not abs(math.fsum(m for m in masses if math.isfinite(m)) - 1) <= SUM_WITHIN:
        yield Violation("distribution", f"its probabilities must sum to 1, within {SUM_WITHIN:g}")


def _finite(field: str, number: float) -> Iterator[Violation]:
    if not math.isfinite(number):
        yield Violation(field, "must be a finite number: say with `abstention` that there is none")


def _abstention(field: str, abstention: ballot_pb2.Abstention) -> Iterator[Violation]:
    if abstention.reason not in REASON_OF:
        yield Violation(f"{field}.reason", "must be one of the values of `AbstentionReason`, not UNSPECIFIED")
    if len(abstention.detail) > LONGEST_DETAIL:
        yield Violation(f"{field}.detail", f"must have at most {LONGEST_DETAIL} characters")


def _names(message: pb.ReconcileBallotsRequest) -> ReconcileRequest:
    """The request with judges and criteria alone, whatever else is wrong with it."""
    ballots = tuple(
        RawBallot(
            judge=ballot.judge,
            outcome={answer.criterion: RawScore() for answer in ballot.answers},
            read=tuple(ballot.read),
        )
        for ballot in message.ballots
    )
    return _request(message, ballots)


def _request(message: pb.ReconcileBallotsRequest, ballots: tuple[RawBallot, ...]) -> ReconcileRequest:
    content = message.content
    return ReconcileRequest(
        ballots=ballots,
        content=Content(
            text=content.text,
            id=content.id,
            language=content.language,
            kind=content.kind,
            title=content.title,
            context=content.context,
        ),
        snapshot=bare(message.snapshot),
        panel=bare(message.panel),
        rubric=bare(message.rubric),
        policy=bare(message.policy),
        expected_ruler=message.expected_ruler,
        quorum=message.quorum if message.HasField("quorum") else None,
        tenant=tenant(),
    )


def _raw_ballots(message: pb.ReconcileBallotsRequest) -> tuple[RawBallot, ...]:
    return tuple(
        RawBallot(judge=ballot.judge, outcome=_outcome(ballot), read=tuple(ballot.read))
        for ballot in message.ballots
    )


def _outcome(ballot: own_ballot_pb2.OwnBallot) -> Mapping[str, RawScore | Abstention] | Abstention:
    if ballot.HasField("abstention"):
        return _why(ballot.abstention)
    return {answer.criterion: _said(answer) for answer in ballot.answers}


def _said(answer: own_ballot_pb2.OwnAnswer) -> RawScore | Abstention:
    if answer.HasField("abstention"):
        return _why(answer.abstention)
    return RawScore(
        score=answer.score if answer.HasField("score") else None,
        samples=tuple(answer.samples),
        distribution=tuple((pair.score, pair.probability) for pair in answer.distribution),
    )


def _why(abstention: ballot_pb2.Abstention) -> Abstention:
    return Abstention(reason=REASON_OF[abstention.reason], detail=abstention.detail)
