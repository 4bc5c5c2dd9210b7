"""Ratings on their way to a server, and what became of them, as frozen values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.api.v1 import verdict_pb2
from moa_scorer.client.errors import ScorerError, error_of
from moa_scorer.client.messages import word


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One person's rating of one criterion of a record."""

    value: float
    """On the rubric's own scale."""
    rater: str
    """Who rated, as you call them; a pseudonym will do."""
    record: str = ""
    """As the result named it."""
    content_id: str = ""
    """Your own id of the content, where there is no `record`."""
    criterion: str = ""
    """Empty = the rubric's only one, else `overall`."""
    saw_score: bool = False
    """Whether the rater knew the score: then nothing is learnt from it."""
    propensity: float | None = None
    """Chance in (0, 1] with which the record was chosen, as a plan said; None = not known."""
    stream: str = ""
    """`audit`, `plan`, `review`, `appeal`; empty = by the record and the plan."""
    plan: str = ""
    """Name of the plan that chose it."""
    id: str = ""
    """Makes sending it again harmless; empty = one for record, rater and criterion."""
    rated_at: datetime | None = None
    """Aware; None = now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRating:
    """A rating that is on the server's disk."""

    id: str
    record: str
    stream: str
    """What it counts as."""
    repeated: bool
    """Whether it was there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRating:
    """One record to rate; nothing in it tells what the judges said."""

    record: str
    content_id: str
    stream: str
    propensity: float
    why: str
    """For whoever reads the plan, not for raters."""
    text: str
    """Empty where it was not asked for, or not kept."""
    context: str
    criteria: tuple[str, ...]
    scale: tuple[float, float]
    """Lowest and highest value."""

    def rated(self, value: float, rater: str, criterion: str = "", *, plan: str = "") -> Rating:
        """A rating of it, with the chance that the plan gave it."""
        return Rating(
            record=self.record,
            value=value,
            rater=rater,
            criterion=criterion,
            propensity=self.propensity,
            stream=self.stream,
            plan=plan,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingPlan:
    """What to rate next."""

    name: str
    ratings: tuple[PlannedRating, ...]
    """Audits first."""
    unrated: int
    """Records that could have been chosen."""
    unrated_audits: int


def submit_message(ratings: Iterable[Rating]) -> pb.SubmitRatingsRequest:
    """The ratings as sent; raises ValueError for a stream that there is not."""
    return pb.SubmitRatingsRequest(ratings=[_message(rating) for rating in ratings])


def outcomes_of(response: pb.SubmitRatingsResponse) -> tuple[StoredRating | ScorerError, ...]:
    """What became of each."""
    return tuple(error_of(o.error) if o.HasField("error") else stored_of(o.rating) for o in response.outcomes)


def stored_of(message: pb.StoredRating) -> StoredRating:
    """A rating that is kept."""
    return StoredRating(
        id=message.rating_id,
        record=message.record,
        stream=_word(message.stream),
        repeated=message.repeated,
    )


def appeal_message(
    record: str, outcome: str, decided_by: str, decision: str, value: float | None, appeal_id: str
) -> pb.SubmitAppealOutcomeRequest:
    """The end of an objection as sent; raises ValueError for a word that there is not."""
    message = pb.SubmitAppealOutcomeRequest(
        appeal_id=appeal_id,
        record=record,
        outcome=pb.AppealOutcome.Value(f"APPEAL_OUTCOME_{outcome.upper()}"),
        decided_by=decided_by,
    )
    if decision:
        message.decision = verdict_pb2.Decision.Value(f"DECISION_{decision.upper()}")
    if value is not None:
        message.value = value
    return message


def plan_of(response: pb.PlanRatingsResponse) -> RatingPlan:
    """A plan."""
    return RatingPlan(
        name=response.plan,
        ratings=tuple(_planned(each) for each in response.ratings),
        unrated=response.unrated,
        unrated_audits=response.unrated_audits,
    )


def _message(rating: Rating) -> pb.Rating:
    message = pb.Rating(
        rating_id=rating.id,
        record=rating.record,
        content_id=rating.content_id,
        rater=rating.rater,
        criterion=rating.criterion,
        value=rating.value,
        saw_score=rating.saw_score,
        propensity=rating.propensity,
        plan=rating.plan,
    )
    if rating.stream:
        message.stream = pb.RatingStream.Value(f"RATING_STREAM_{rating.stream.upper()}")
    if rating.rated_at is not None:
        message.rated_at.FromDatetime(rating.rated_at)
    return message


def _planned(message: pb.PlannedRating) -> PlannedRating:
    return PlannedRating(
        record=message.record,
        content_id=message.content_id,
        stream=_word(message.stream),
        propensity=message.propensity,
        why=message.why,
        text=message.content.text,
        context=message.content.context,
        criteria=tuple(message.criteria),
        scale=(message.scale_min, message.scale_max),
    )


def _word(stream: int) -> str:
    return word(pb.RatingStream.DESCRIPTOR, stream, "RATING_STREAM_")
