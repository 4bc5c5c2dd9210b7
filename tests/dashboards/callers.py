"""Who calls the server of the play: a tenant with all it needs, one with next to nothing, and a crowd."""

import asyncio
import itertools
from typing import Any, Final

import grpc.aio

from moa_scorer.api.v1 import content_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from tests.dashboards.setup import ACME, TRIAL
from tests.dashboards.stage import Stage

PAUSE: Final = 0.2
"""Seconds between two rounds of calls."""
SELDOM: Final = 10
"""Rounds between two batches, and between two calls of the panel of real judges."""
USUAL_BUDGET: Final = 1.5
LONG_BUDGET: Final = 13.0
"""Seconds; longer than the alert on slow calls allows."""
CROWD_BUDGET: Final = 6.0
"""Seconds."""
PANELS: Final = ("load", "vendors")
LOCAL: Final = "embedded-fast"
"""A panel of real judges, asked seldom."""
POLICIES: Final = {"load": "load", LOCAL: "comments"}
"""Panel -> policy; the others have their own or none."""
WORDS: Final = ("thin", "plain", "lively", "odd", "long", "wrong", "kind", "clever", "dull", "bright")


async def call(stage: Stage, scoring: Any) -> None:
    """A round of calls every now and then; those of a round do not wait for each other."""
    async with asyncio.TaskGroup() as group:

        def send(rpc: Any, request: Any, tenant: str = ACME) -> None:
            group.create_task(_counted(stage, rpc, request, tenant))

        for number in itertools.count():
            for panel in PANELS:
                send(scoring.ScoreContent, _request(stage, panel, number))
            for one in range(stage.crowd):
                send(scoring.ScoreContent, _one_of_a_crowd(number, one))
            if number % 5 == 0:
                send(scoring.ScoreContent, _request(stage, "load", number), TRIAL)
            if number % SELDOM == 0:
                batch = pb.BatchScoreContentsRequest(requests=[_request(stage, "load", number)] * 3)
                send(scoring.BatchScoreContents, batch)
                send(scoring.ScoreContent, _request(stage, LOCAL, number))
            await asyncio.sleep(PAUSE)


def _request(stage: Stage, panel: str, number: int) -> pb.ScoreContentRequest:
    repeated = stage.draw.random() < 0.3
    words = " ".join(stage.draw.choices(WORDS, k=3)) if repeated else f"number {number}"
    request = pb.ScoreContentRequest(
        content=content_pb2.Content(
            text=f"A comment that is {words}.", kind="comment", language=stage.language
        ),
        panel=panel,
        policy=POLICIES.get(panel, ""),
        request_id=f"{panel}-{number}" if number % 4 == 0 else "",
    )
    seconds = LONG_BUDGET if stage.slow and panel == "vendors" else USUAL_BUDGET
    request.latency_budget.FromMilliseconds(round(seconds * 1000))
    return request


def _one_of_a_crowd(number: int, one: int) -> pb.ScoreContentRequest:
    content = content_pb2.Content(text=f"Caller {one} of crowd {number}.", kind="comment", language="en")
    request = pb.ScoreContentRequest(content=content, panel="vendors")
    request.latency_budget.FromMilliseconds(round(CROWD_BUDGET * 1000))
    return request


async def _counted(stage: Stage, rpc: Any, request: Any, tenant: str) -> None:
    try:
        await rpc(request, timeout=LONG_BUDGET + 5, metadata=stage.tokens[tenant])
        outcome = "OK"
    except grpc.aio.AioRpcError as error:
        outcome = error.code().name
    stage.outcomes[outcome] = stage.outcomes.get(outcome, 0) + 1
