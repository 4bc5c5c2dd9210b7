"""Plans of ratings read much, and leave room for others."""

import asyncio
from typing import Any

import pytest

from moa_scorer.api.v1 import feedback_service_pb2 as pb
from moa_scorer.contract import rating_plans
from moa_scorer.rpc.feedback_servicer import PLANS, FeedbackServicer
from tests.fakes.judges import five_judges, make_pipeline


async def test_a_few_plans_are_made_at_once_and_the_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = [0, 0]

    async def plan_ratings(*_: Any) -> pb.PlanRatingsResponse:
        at_work[0] += 1
        at_work[1] = max(at_work)
        await asyncio.sleep(0)
        at_work[0] -= 1
        return pb.PlanRatingsResponse()

    monkeypatch.setattr(rating_plans, "plan_ratings", plan_ratings)
    servicer, context = FeedbackServicer(make_pipeline(five_judges())), None
    request = pb.PlanRatingsRequest()
    await asyncio.gather(*(servicer.PlanRatings(request, context) for _ in range(10)))  # type: ignore[arg-type]

    assert at_work == [0, PLANS]
