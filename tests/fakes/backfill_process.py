"""A process that works on one job and may be killed: `python -m tests.fakes.backfill_process URL JOB LOG`."""

import asyncio
import os
import sys
from pathlib import Path

from moa_scorer.domain.content import Content
from moa_scorer.scoring import once
from tests.fakes.jobs import at_work
from tests.fakes.judges import Outcome, ScriptedJudge, scoring

LEASE = 0.6
"""Seconds that a job and a request id stay with a process that is dead: short, for tests."""


def counted(path: Path) -> ScriptedJudge:
    """A judge whose every call is a line of the file, whichever process it is in."""
    calls = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    class Counted(ScriptedJudge):
        async def judge(self, content: Content, *more: object) -> Outcome:
            os.write(calls, f"{content.id}\n".encode())
            return await super().judge(content, *more)  # type: ignore[arg-type]

    return Counted("quality", scoring("quality", 0.7), delay=0.02)


async def main(url: str, name: str, calls: str) -> None:
    once.LEASE, once.RENEWED = LEASE, LEASE / 3  # type: ignore[misc]
    async with at_work(url, counted(Path(calls))) as works:
        while not (await works.job(name)).state.ended:
            if not await works.runner(lease=LEASE).run_one(name):
                await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
