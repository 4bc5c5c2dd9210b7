"""Commands about jobs, run here or on a server, with errors told as one line."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from moa_scorer.app.cli.exits import Exit, fail, told_of_server
from moa_scorer.app.cli.jobs.places import JobsAt, local_jobs, remote_jobs

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings


def at_jobs(
    server: str | None, settings: "Settings | None", act: Callable[[JobsAt], Awaitable[Exit]]
) -> Exit:
    """What the act comes to, at the jobs of a server or of the settings' database."""
    try:
        with told_of_server(server):
            return asyncio.run(_at(server, settings, act))
    except KeyboardInterrupt:
        fail("interrupted", Exit.INTERRUPTED)


async def _at(
    server: str | None, settings: "Settings | None", act: Callable[[JobsAt], Awaitable[Exit]]
) -> Exit:
    if server is not None:
        async with remote_jobs(server) as place:
            return await act(place)
    assert settings is not None, "without a server there are settings"
    async with local_jobs(settings) as place:
        return await act(place)
