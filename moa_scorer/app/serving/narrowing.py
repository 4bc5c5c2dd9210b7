"""A server takes on no more than it can do in time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from moa_scorer.scoring.door import Door
from moa_scorer.scoring.lateness import watched

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application


@asynccontextmanager
async def narrowed(application: "Application") -> AsyncIterator[None]:
    """The application's door is as narrow as the settings and the load ask for while the block runs."""
    pipeline = application.pipeline
    pipeline.door = Door(pipeline.clock, application.settings.load.taken())
    async with watched(pipeline.door, application.pool.longest_wait):
        yield
