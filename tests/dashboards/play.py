"""One thing after the other goes wrong while a server is called: vendors, drift, quotas, load, database."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Final

import grpc.aio

from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.calibration.standing import OpenAlarm
from moa_scorer.learning.loop.promotion import Act, open_alarms, open_shelf
from tests.dashboards.callers import call
from tests.dashboards.stage import Stage
from tests.fakes.vendor_faults import Fault

CROWD: Final = 8
"""Calls a round: with vendors as slow as `long_pause` about twice as many as there are places for."""

Happening = Callable[[Stage], None]


def short_pause(draw: Random) -> float:
    """Seconds of a vendor that is well."""
    return draw.uniform(0.02, 0.08)


def long_pause(draw: Random) -> float:
    """Seconds of a vendor that is slow."""
    return draw.uniform(2.0, 3.0)


def healthy(stage: Stage) -> None:
    """Nothing is wrong, but that a tenant asks on when its quota is used up."""
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


def uncounted(stage: Stage) -> None:
    """The ledger of the quotas is gone, while calls that hang hold a part of one."""
    stage.slow = False
    stage.vendor.faults.chances = {}
    stage.ledger.stop()


def crowded(stage: Stage) -> None:
    """The ledger is back, and so many come that there is not a place for everybody."""
    stage.ledger.start()
    stage.vendor.latency = long_pause
    stage.crowd = CROWD


def unstored(stage: Stage) -> None:
    """The crowd is gone, and so is the database."""
    stage.crowd = 0
    stage.vendor.latency = short_pause
    stage.database.stop()


def stopped(stage: Stage) -> None:
    """The database is back, and the server ends."""
    stage.database.start()
    stage.server.process.terminate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of the play; what happens in it ends when something later ends it."""

    name: str
    happens: Happening
    """At its beginning."""
    seconds: float
    """How long it lasts."""
    alerts: tuple[str, ...]
    """Those that it is for: they fire in it or later, and never before."""


PLAY: Final = (
    Phase(name="healthy", happens=healthy, seconds=25, alerts=("QuotaUsedUp", "CostHigh", "CalibrationOld")),
    Phase(
        name="failing",
        happens=failing,
        seconds=45,
        alerts=("ItemsUnscored", "JudgeAbstains", "CircuitOpen", "DriftAlarm", "CertificatesNotValid"),
    ),
    Phase(name="hanging", happens=hanging, seconds=56, alerts=("CallsSlow",)),
    Phase(
        name="uncounted",
        happens=uncounted,
        seconds=18,
        alerts=("LedgerDown", "QuotaUnsettled", "ScorerErrors"),
    ),
    Phase(name="crowded", happens=crowded, seconds=35, alerts=("ItemsTurnedAway",)),
    Phase(name="unstored", happens=unstored, seconds=28, alerts=("StorageDown",)),
    Phase(name="stopped", happens=stopped, seconds=10, alerts=("ScorerDown",)),
)


CAUSES: Final = {alert: phase.name for phase in PLAY for alert in phase.alerts}
"""Alert -> the phase that it is for."""


async def play(stage: Stage) -> float:
    """Plays all of it; the wall clock at its end. Raises what the callers ended by, if it is a mistake."""
    stage.began = time.time()
    async with grpc.aio.insecure_channel(stage.server.host) as channel:
        calling = asyncio.create_task(call(stage, ScoringServiceStub(channel)))
        for phase in PLAY:
            stage.phases.append((time.time() - stage.began, phase.name))
            print(f"dashboards: {phase.name}", flush=True)
            await asyncio.to_thread(phase.happens, stage)
            await asyncio.sleep(phase.seconds)
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
    return time.time()
