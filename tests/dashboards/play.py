"""Calls to a server while one thing after the other goes wrong: vendors, drift, the database, the server."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import grpc.aio

from deploy.local_server import Server
from moa_scorer.api.v1 import content_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.calibration.standing import OpenAlarm
from moa_scorer.learning.loop.promotion import Act, open_alarms, open_shelf
from tests.fakes.vendor import Vendor
from tests.fakes.vendor_faults import Fault

PAUSE: Final = 0.2
"""Seconds between two rounds of calls."""
USUAL_BUDGET: Final = 1.5
LONG_BUDGET: Final = 13.0
"""Seconds; longer than the alert on slow calls allows."""
LOCAL: Final = "embedded-fast"
"""A panel of real judges, asked seldom."""
WORDS: Final = ("thin", "plain", "lively", "odd", "long", "wrong", "kind", "clever", "dull", "bright")


@dataclass(slots=True)
class Stage:
    """What the play is played on."""

    server: Server
    vendor: Vendor
    database: Any
    """A PostgreSQL that can be stopped and started."""
    catalogue: Path
    snapshot: str
    """Name of the snapshot whose judge drifts."""
    draw: Random = field(default_factory=lambda: Random(7))
    language: str = "en"
    slow: bool = False
    """Whether callers of vendors are patient, and the vendors hang."""
    began: float = 0.0
    """Wall clock."""
    phases: list[tuple[float, str]] = field(default_factory=list)
    """(seconds since the beginning, name)."""
    outcomes: dict[str, int] = field(default_factory=dict)


Happening = Callable[[Stage], None]


def healthy(stage: Stage) -> None:
    """Nothing is wrong."""
    stage.vendor.faults.chances = {Fault.REFUSAL: 0.02}


def failing(stage: Stage) -> None:
    """Vendors fail, a judge was found to drift, and items come in a language that nobody has rated."""
    stage.vendor.faults.chances = {Fault.SERVER_ERROR: 0.85, Fault.RATE_LIMITED: 0.15}
    stage.language = "de"
    shelf = open_shelf(stage.catalogue / "snapshots", stage.snapshot)
    now = datetime.now(UTC).isoformat()
    alarm = OpenAlarm(judge="scripted_1", since=now, what="answers half a point lower")
    open_alarms(shelf, [alarm], Act(who="the play", at=now))


def hanging(stage: Stage) -> None:
    """Vendors hang now and then, and callers wait for them."""
    stage.vendor.faults.chances = {Fault.HANG: 0.3}
    stage.slow = True


def unstored(stage: Stage) -> None:
    """The database is gone."""
    stage.slow = False
    stage.vendor.faults.chances = {}
    stage.database.stop()


def stopped(stage: Stage) -> None:
    """The database is back, and the server ends."""
    stage.database.start()
    stage.server.process.terminate()


PLAY: Final[tuple[tuple[str, Happening, float], ...]] = (
    ("healthy", healthy, 25),
    ("failing", failing, 45),
    ("hanging", hanging, 56),
    ("unstored", unstored, 28),
    ("stopped", stopped, 10),
)
"""(name, what happens at its beginning, its seconds)."""


async def play(stage: Stage) -> float:
    """Plays all of it; the wall clock at its end."""
    stage.began = time.time()
    async with grpc.aio.insecure_channel(stage.server.host) as channel:
        calling = asyncio.create_task(_call(stage, ScoringServiceStub(channel)))
        for name, happens, seconds in PLAY:
            stage.phases.append((time.time() - stage.began, name))
            print(f"dashboards: {name}", flush=True)
            await asyncio.to_thread(happens, stage)
            await asyncio.sleep(seconds)
        calling.cancel()
        await asyncio.wait({calling})
    return time.time()


async def _call(stage: Stage, scoring: Any) -> None:
    """A round of calls every now and then; those of a round do not wait for each other."""
    async with asyncio.TaskGroup() as group:
        for number in itertools.count():
            for panel in ("load", "vendors"):
                group.create_task(_counted(stage, scoring.ScoreContent, _request(stage, panel, number)))
            if number % 10 == 0:
                batch = pb.BatchScoreContentsRequest(requests=[_request(stage, "load", number)] * 3)
                group.create_task(_counted(stage, scoring.BatchScoreContents, batch))
                local = _request(stage, LOCAL, number)
                group.create_task(_counted(stage, scoring.ScoreContent, local))
            await asyncio.sleep(PAUSE)


def _request(stage: Stage, panel: str, number: int) -> pb.ScoreContentRequest:
    repeated = stage.draw.random() < 0.3
    words = " ".join(stage.draw.choices(WORDS, k=3)) if repeated else f"number {number}"
    request = pb.ScoreContentRequest(
        content=content_pb2.Content(
            text=f"A comment that is {words}.", kind="comment", language=stage.language
        ),
        panel=panel,
        policy="load" if panel == "load" else "comments" if panel == LOCAL else "",
        request_id=f"{panel}-{number}" if number % 4 == 0 else "",
    )
    seconds = LONG_BUDGET if stage.slow and panel == "vendors" else USUAL_BUDGET
    request.latency_budget.FromMilliseconds(round(seconds * 1000))
    return request


async def _counted(stage: Stage, call: Any, request: Any) -> None:
    try:
        await call(request, timeout=LONG_BUDGET + 5)
        outcome = "OK"
    except grpc.aio.AioRpcError as error:
        outcome = error.code().name
    stage.outcomes[outcome] = stage.outcomes.get(outcome, 0) + 1
