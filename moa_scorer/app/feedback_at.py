"""Ratings handed in and planned: in the settings' database, or at a server, by the same messages."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.app.compose import compose
from moa_scorer.app.servers import client_of
from moa_scorer.app.serving.memory import opened
from moa_scorer.app.settings import Settings
from moa_scorer.client.feedback_calls import AsyncFeedback
from moa_scorer.contract import feedback, rating_plans
from moa_scorer.scoring.pipeline import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class _Local:
    """The methods of FeedbackService, done in this process."""

    pipeline: Pipeline

    async def SubmitRatings(self, request: pb.SubmitRatingsRequest) -> pb.SubmitRatingsResponse:
        return await feedback.submit_ratings(self.pipeline.memory, request, self.pipeline.clock.now())

    async def SubmitAppealOutcome(
        self, request: pb.SubmitAppealOutcomeRequest
    ) -> pb.SubmitAppealOutcomeResponse:
        return await feedback.submit_appeal_outcome(self.pipeline.memory, request, self.pipeline.clock.now())

    async def PlanRatings(self, request: pb.PlanRatingsRequest) -> pb.PlanRatingsResponse:
        return await rating_plans.plan_ratings(self.pipeline.memory, self.pipeline.catalog, request)


@asynccontextmanager
async def feedback_at(settings: Settings, target: str | None) -> AsyncIterator[AsyncFeedback]:
    """Where ratings go: the server at `target`, else the settings' database. Raises ConfigurationError."""
    if target:
        async with client_of(target) as client:
            yield client.feedback
        return
    application = compose(settings)
    try:
        async with opened(settings, application.pipeline.clock) as found:
            application.pipeline.memory = found.memory()
            yield AsyncFeedback(_Local(pipeline=application.pipeline), _called)
    finally:
        await application.aclose()


async def _called(method: Callable[[Any], Awaitable[Any]], request: Any) -> Any:
    return await method(request)
