"""One backfill after the other runs beside the callers; every kill takes it by surprise."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc.aio
from google.longrunning import operations_pb2
from google.longrunning.operations_grpc_pb2 import OperationsStub

from moa_scorer.api.v1 import job_pb2, job_service_pb2
from moa_scorer.api.v1.job_service_pb2_grpc import JobServiceStub
from tests.chaos.storage.journal import Ended, Journal, Ordered, Resumed
from tests.chaos.storage.setup import RUBRIC
from tests.chaos.truth import text_of_item

FIRST: Final = 5_000_000
"""Number of the first item of jobs; callers' items are smaller."""
A_JOB: Final = 10_000
"""Item numbers that a job may use."""
IN_FLIGHT: Final = 6
"""Items that a job works on at a time."""
LOOK: Final = 0.25
"""Seconds between two looks at a job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfills:
    """Orders jobs of `items` items each, and sees to their end."""

    journal: Journal
    folder: Path
    """Of the server's jobs."""
    items: int

    async def keep_going(self, channel: grpc.aio.Channel, in_round: int) -> None:
        """Until the server dies."""
        try:
            while True:
                await self.to_an_end(channel, in_round, await self._at_hand(channel, in_round))
        except grpc.aio.AioRpcError:
            return

    async def to_an_end(self, channel: grpc.aio.Channel, in_round: int, job: Ordered) -> None:
        """Waits for a job; raises AioRpcError.

        What several kills hit is set aside as if it had ended the server. It did not: it is tried again, as
        whoever looks after the server would.
        """
        while (about := await _when_done(channel, job)).progress.set_aside:
            await JobServiceStub(channel).ResumeJob(
                job_service_pb2.ResumeJobRequest(name=job.name), timeout=10
            )
            aside = about.progress.set_aside
            self.journal.write(Resumed(round=in_round, number=job.number, set_aside=aside))
        self.journal.write(
            Ended(
                round=in_round,
                number=job.number,
                state=job_pb2.JobState.Name(about.state).removeprefix("JOB_STATE_"),
                scored=about.progress.scored,
                micro_usd=about.progress.cost.micro_usd,
            )
        )

    def unended(self) -> Ordered | None:
        """The job that was ordered and not seen to end."""
        ended = {event.number for event in self.journal.of(Ended)}
        return next((job for job in self.journal.of(Ordered) if job.number not in ended), None)

    async def _at_hand(self, channel: grpc.aio.Channel, in_round: int) -> Ordered:
        """The job that runs, else a new one. A retry of an order that was cut off is the same order."""
        if (job := self.unended()) is not None:
            return job
        number = 1 + len(self.journal.of(Ordered))
        self._write(number)
        request = job_service_pb2.StartBackfillRequest(request_id=f"job-{number}")
        request.backfill.input = f"{number}.jsonl"
        request.backfill.rubric = RUBRIC
        request.backfill.concurrency = IN_FLIGHT
        operation = await JobServiceStub(channel).StartBackfill(request, timeout=10)
        job = Ordered(round=in_round, number=number, name=operation.name)
        self.journal.write(job)
        return job

    def _write(self, number: int) -> None:
        path = self.folder / f"{number}.jsonl"
        if path.exists():
            return
        lines = [
            json.dumps({"id": f"item-{item}", "text": text_of_item(item), "language": "en"})
            for item in items_of_job(number, self.items)
        ]
        path.write_text("\n".join(lines) + "\n")

    def results(self, number: int) -> Sequence[Mapping[str, Any]]:
        """The lines of its file of results; none where there is no file."""
        path = self.folder / f"{number}.results.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def _when_done(channel: grpc.aio.Channel, job: Ordered) -> job_pb2.JobMetadata:
    """What a job says of itself at its end; raises AioRpcError."""
    stub = OperationsStub(channel)
    while True:
        operation = await stub.GetOperation(operations_pb2.GetOperationRequest(name=job.name), timeout=10)
        if operation.done:
            return metadata_of(operation)
        await asyncio.sleep(LOOK)


def metadata_of(operation: operations_pb2.Operation) -> job_pb2.JobMetadata:
    """What an operation says of its job."""
    about = job_pb2.JobMetadata()
    operation.metadata.Unpack(about)
    return about


def items_of_job(number: int, count: int) -> range:
    """The numbers of its items."""
    first = FIRST + number * A_JOB
    return range(first, first + count)


def job_of_item(item: int) -> int:
    """Its job's number; 0 = a caller's item."""
    return max(0, (item - FIRST) // A_JOB)
