"""The calls about ratings, for both clients: `client.feedback`."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.client.errors import ScorerError
from moa_scorer.client.feedback import (
    Rating,
    RatingPlan,
    StoredRating,
    appeal_message,
    outcomes_of,
    plan_of,
    submit_message,
)


class AsyncFeedback:
    """People's ratings of records, for asyncio. Every method raises ScorerError."""

    def __init__(self, stub: Any, call: Callable[[Any, Any], Awaitable[Any]]) -> None:
        """`call` does one call of a method of the stub, within the client's deadline."""
        self._stub = stub
        self._call = call

    async def rate(self, ratings: Iterable[Rating]) -> tuple[StoredRating | ScorerError, ...]:
        """Hands in 1 to 1,000 ratings: one outcome each, in order. Doing it again changes nothing."""
        return outcomes_of(await self._call(self._stub.SubmitRatings, submit_message(ratings)))

    async def appeal(
        self,
        record: str,
        outcome: str,
        *,
        decided_by: str,
        decision: str = "",
        value: float | None = None,
        appeal_id: str = "",
    ) -> bool:
        """Says how an objection ended: `upheld`, `overturned` (by which `decision`), `withdrawn`.

        Whether it was news to the server. `value` is what the person who decided would have rated.
        """
        message = appeal_message(record, outcome, decided_by, decision, value, appeal_id)
        return not (await self._call(self._stub.SubmitAppealOutcome, message)).repeated

    async def plan(
        self,
        *,
        panel: str = "",
        rubric: str = "",
        kind: str = "",
        count: int | None = None,
        seed: int = 0,
        with_content: bool = True,
    ) -> RatingPlan:
        """Which records to rate next."""
        request = _plan_message(panel, rubric, kind, count, seed, with_content=with_content)
        return plan_of(await self._call(self._stub.PlanRatings, request))


class Feedback:
    """The same for code without asyncio."""

    def __init__(self, stub: Any, call: Callable[[Any, Any], Any]) -> None:
        """`call` does one call of a method of the stub, within the client's deadline."""
        self._stub = stub
        self._call = call

    def rate(self, ratings: Iterable[Rating]) -> tuple[StoredRating | ScorerError, ...]:
        """Hands in 1 to 1,000 ratings: one outcome each, in order. Doing it again changes nothing."""
        return outcomes_of(self._call(self._stub.SubmitRatings, submit_message(ratings)))

    def appeal(
        self,
        record: str,
        outcome: str,
        *,
        decided_by: str,
        decision: str = "",
        value: float | None = None,
        appeal_id: str = "",
    ) -> bool:
        """Says how an objection ended: `upheld`, `overturned` (by which `decision`), `withdrawn`.

        Whether it was news to the server. `value` is what the person who decided would have rated.
        """
        message = appeal_message(record, outcome, decided_by, decision, value, appeal_id)
        return not self._call(self._stub.SubmitAppealOutcome, message).repeated

    def plan(
        self,
        *,
        panel: str = "",
        rubric: str = "",
        kind: str = "",
        count: int | None = None,
        seed: int = 0,
        with_content: bool = True,
    ) -> RatingPlan:
        """Which records to rate next."""
        request = _plan_message(panel, rubric, kind, count, seed, with_content=with_content)
        return plan_of(self._call(self._stub.PlanRatings, request))


def _plan_message(
    panel: str, rubric: str, kind: str, count: int | None, seed: int, *, with_content: bool
) -> pb.PlanRatingsRequest:
    return pb.PlanRatingsRequest(
        panel=panel, rubric=rubric, kind=kind, count=count, seed=seed, include_content=with_content
    )
