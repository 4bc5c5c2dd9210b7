"""Where the time of an item with judges behind HTTP goes: cProfile of the pipeline alone, without gRPC."""

import asyncio
import cProfile
import os
import pstats
import tempfile
import time
from pathlib import Path

import uvloop

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.settings import Settings
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.verdict import Scored
from moa_scorer.telemetry import logs
from tests.bench.fast_vendor import fast_vendor
from tests.bench.http_judges import DELAY, PANEL, catalogue_of, judges_at
from tests.bench.scripted import text_of
from tests.fakes.catalogue import KEY_VARIABLE


async def score(application: Application, items: int, at_once: int) -> None:
    """Scores so many items, so many at once; raises AssertionError where there is no score."""
    waiting = iter(range(items))

    async def some() -> None:
        for _ in waiting:
            request = ScoreRequest(content=Content(text=text_of(100), language="en"))
            scoring = await application.pipeline.score(request, Budget(time.monotonic() + 30))
            assert isinstance(scoring.verdict.outcome, Scored), scoring.verdict

    await asyncio.gather(*(some() for _ in range(at_once)))


async def _profiled(application: Application, items: int, at_once: int) -> tuple[pstats.Stats, float]:
    """The profile of the items after as many to warm up, and CPU seconds an item without a profiler."""
    await score(application, items, at_once)
    before = time.process_time()
    await score(application, items, at_once)
    plain = (time.process_time() - before) / items
    profile = cProfile.Profile()
    profile.enable()
    await score(application, items, at_once)
    profile.disable()
    await application.aclose()
    return pstats.Stats(profile), plain


def print_profile(judges: int, items: int = 300, at_once: int = 16, lines: int = 30) -> None:
    """Prints the dearest functions, by their own time and with what they call."""
    logs.configure("json", "warning")
    os.environ[KEY_VARIABLE] = "fake"
    with fast_vendor(DELAY) as vendor, tempfile.TemporaryDirectory() as folder:
        catalogue_of(Path(folder), judges_at(vendor, judges))
        application = compose(Settings(panel=PANEL, catalog_dir=Path(folder)))
        stats, plain = uvloop.run(_profiled(application, items, at_once))
    print(f"{plain * 1e3:.2f} ms of CPU an item of {judges} judges, without profiler and gRPC")
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(lines)
