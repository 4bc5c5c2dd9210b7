"""The gRPC service of ratings: each method is one call."""

import asyncio
from typing import Any, Final

import grpc.aio

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.api.v1.feedback_service_pb2_grpc import FeedbackServiceServicer
from moa_scorer.contract import feedback, rating_plans
from moa_scorer.scoring.pipeline import Pipeline

PLANS: Final = 2
"""Plans made at once: each holds thousands of records in memory. Others wait."""

Context = grpc.aio.ServicerContext[Any, Any]


class FeedbackServicer(FeedbackServiceServicer):
    """Takes ratings of what a pipeline has kept."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._planning = asyncio.Semaphore(PLANS)

    async def SubmitRatings(self, request: pb.SubmitRatingsRequest, _: Context) -> pb.SubmitRatingsResponse:
        now = self._pipeline.clock.now()
        return await feedback.submit_ratings(self._pipeline.memory, request, now)

    async def SubmitAppealOutcome(
        self, request: pb.SubmitAppealOutcomeRequest, _: Context
    ) -> pb.SubmitAppealOutcomeResponse:
        now = self._pipeline.clock.now()
        return await feedback.submit_appeal_outcome(self._pipeline.memory, request, now)

    async def PlanRatings(self, request: pb.PlanRatingsRequest, _: Context) -> pb.PlanRatingsResponse:
        pipeline = self._pipeline
        async with self._planning:
            return await rating_plans.plan_ratings(pipeline.memory, pipeline.catalog, request)
