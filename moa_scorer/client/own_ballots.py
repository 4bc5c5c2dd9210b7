"""Ballots of one's own judges, as plain values, and as a message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moa_scorer.api.v1 import ballot_pb2, own_ballot_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.client.requests import VIEWS, View

Answered = float | None | str | Sequence[float] | Mapping[str, Any]
"""What a judge said on one criterion, in its own units: a number; several, for samples; None where its reply
held none; the name of an abstention such as `"timeout"`; or an object with `score`, `samples`, `distribution`
(pairs of score and probability), or `abstention`."""

REASONS: Final = {
    name.removeprefix("ABSTENTION_REASON_").lower(): number
    for name, number in ballot_pb2.AbstentionReason.items()
    if number
}
"""Abstentions by name."""
_OF_AN_ANSWER: Final = frozenset({"score", "samples", "distribution", "abstention", "detail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBallots:
    """What one's own judges said of one item. Empty strings mean "the default"."""

    judges: Mapping[str, Mapping[str, Answered] | str | None]
    """Judge -> criterion -> what it said; or why it said nothing at all (None: its reply was unreadable)."""
    snapshot: str = ""
    """The calibration of these judges: `name` for its newest, or pinned `name@version`."""
    panel: str = ""
    """In its stead, a panel of the server's: scores then lie in [0, 1]."""
    rubric: str = ""
    id: str = ""
    """The caller's own id; comes back as `content_id`."""
    kind: str = ""
    """comment, summary, story …: decides whether the calibration holds."""
    language: str = ""
    """ISO 639-1; empty = detected where there is a text."""
    text: str = ""
    """What was judged, for the measures that the snapshot uses; may be left out."""
    title: str = ""
    context: str = ""
    policy: str = ""
    expected_ruler: str = ""
    quorum: int | None = None
    read: Mapping[str, Sequence[str]] | None = None
    """Judge of a later layer -> judges whose ballots it has read."""


def reconcile_message(ballots: OwnBallots, view: View = "score") -> pb.ReconcileBallotsRequest:
    """The request as sent. Raises ValueError for an answer of no known form, and for an unknown view."""
    if view not in VIEWS:
        raise ValueError(f"there is no view {view!r}; there are {', '.join(VIEWS)}")
    request = pb.ReconcileBallotsRequest(
        snapshot=ballots.snapshot,
        panel=ballots.panel,
        rubric=ballots.rubric,
        policy=ballots.policy,
        expected_ruler=ballots.expected_ruler,
        view=VIEWS[view],
        ballots=[_ballot(judge, said) for judge, said in ballots.judges.items()],
    )
    for name in ("id", "kind", "language", "text", "title", "context"):
        setattr(request.content, name, getattr(ballots, name))
    for ballot in request.ballots:
        ballot.read.extend((ballots.read or {}).get(ballot.judge, ()))
    if ballots.quorum is not None:
        request.quorum = ballots.quorum
    return request


def _ballot(judge: str, said: Mapping[str, Answered] | str | None) -> own_ballot_pb2.OwnBallot:
    if said is None or isinstance(said, str):
        return own_ballot_pb2.OwnBallot(judge=judge, abstention=_abstention(said, judge))
    if not isinstance(said, Mapping):
        raise ValueError(
            f"{judge}: should be an object from criteria to answers, or the name of an abstention"
        )
    answers = [_answer(criterion, answer, f"{judge}.{criterion}") for criterion, answer in said.items()]
    return own_ballot_pb2.OwnBallot(judge=judge, answers=answers)


def _answer(criterion: str, said: Answered, where: str) -> own_ballot_pb2.OwnAnswer:
    if said is None or isinstance(said, str):
        return own_ballot_pb2.OwnAnswer(criterion=criterion, abstention=_abstention(said, where))
    if isinstance(said, Mapping):
        return _in_full(criterion, said, where)
    if isinstance(said, Sequence):
        return own_ballot_pb2.OwnAnswer(criterion=criterion, samples=_numbers(said, where))
    return own_ballot_pb2.OwnAnswer(criterion=criterion, score=_number(said, where))


def _in_full(criterion: str, said: Mapping[str, Any], where: str) -> own_ballot_pb2.OwnAnswer:
    if unknown := set(said) - _OF_AN_ANSWER:
        raise ValueError(
            f"{where}: unknown key {min(unknown)!r}; there are {', '.join(sorted(_OF_AN_ANSWER))}"
        )
    answer = own_ballot_pb2.OwnAnswer(criterion=criterion)
    if said.get("score") is not None:
        answer.score = _number(said["score"], where)
    answer.samples.extend(_numbers(said.get("samples") or (), where))
    for pair in said.get("distribution") or ():
        score, probability = _numbers(pair, where) if len(pair) == 2 else _bad(where, pair)
        answer.distribution.add(score=score, probability=probability)
    numbers = answer.HasField("score") or answer.samples or answer.distribution
    if "abstention" in said or not numbers:
        answer.abstention.CopyFrom(_abstention(said.get("abstention"), where, said.get("detail", "")))
    return answer


def _abstention(reason: str | None, where: str, detail: str = "") -> ballot_pb2.Abstention:
    """None = the reply held no number."""
    wanted = reason or "unparseable"
    if wanted not in REASONS:
        raise ValueError(f"{where}: no abstention is named {wanted!r:.40}; there are {', '.join(REASONS)}")
    return ballot_pb2.Abstention(reason=REASONS[wanted], detail=detail)


def _numbers(said: Any, where: str) -> list[float]:
    return [_number(each, where) for each in said] if isinstance(said, Sequence) else _bad(where, said)


def _number(said: Any, where: str) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        _bad(where, said)
    return float(said)


def _bad(where: str, said: Any) -> Any:
    raise ValueError(f"{where}: expected a number, found {said!r:.40}")
