"""What each method of google.longrunning.Operations does with jobs."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from google.longrunning import operations_pb2

from moa_scorer.contract.access import tenant
from moa_scorer.contract.durations import seconds
from moa_scorer.contract.jobs import after, operation, page_size, there, token
from moa_scorer.contract.translate import bare
from moa_scorer.contract.validate import check
from moa_scorer.contract.validate_jobs import list_violations, operation_violations
from moa_scorer.domain.errors import Overloaded
from moa_scorer.domain.job import Job
from moa_scorer.domain.job_store import JobDesk
from moa_scorer.domain.tenant import Tenant

LOOK: Final = 0.2
LONGEST_LOOK: Final = 2.0
"""Seconds between two looks at a job that somebody waits for: longer each time, up to the longest."""
LONGEST_WAIT: Final = 60.0
"""Seconds, whatever a caller states."""
WAITING: Final = 32
"""Calls of one tenant that wait at once: each of them reads the database again and again."""
RETRY_AFTER: Final = 5.0
"""Seconds after which one more may be let in."""
RESERVE: Final = 0.1
"""Seconds of a call's deadline that are left for its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Who waits for jobs in this process."""

    calls: Counter[Tenant] = field(default_factory=Counter)

    @contextmanager
    def one_more(self, of: Tenant) -> Iterator[None]:
        """A call of the tenant's waits inside; raises Overloaded where too many do."""
        if self.calls[of] >= WAITING:
            raise Overloaded(RETRY_AFTER)
        self.calls[of] += 1
        try:
            yield
        finally:
            self.calls[of] -= 1
            if not self.calls[of]:
                del self.calls[of]


async def get_operation(
    desk: JobDesk | None, message: operations_pb2.GetOperationRequest
) -> operations_pb2.Operation:
    """The operation of that name; raises InvalidRequest and NotFound, and as every method here
    StorageUnavailable, and Precondition where the server does no jobs."""
    return operation(there(desk), await _job(there(desk), message.name))


async def list_operations(
    desk: JobDesk | None, message: operations_pb2.ListOperationsRequest
) -> operations_pb2.ListOperationsResponse:
    """A page of operations, newest first; raises InvalidRequest."""
    check(list_violations(message))
    size = page_size(message.page_size)
    found = await there(desk).store.page(tenant(), size + 1, after(message.page_token))
    following = token(found[size - 1].name) if len(found) > size else ""
    return operations_pb2.ListOperationsResponse(
        operations=[operation(there(desk), job) for job in found[:size]], next_page_token=following
    )


async def cancel_operation(desk: JobDesk | None, message: operations_pb2.CancelOperationRequest) -> None:
    """Asks for a job's end; one that has ended stays as it is. Raises InvalidRequest and NotFound."""
    check(operation_violations(message.name))
    await there(desk).store.cancel(tenant(), bare(message.name))


async def delete_operation(desk: JobDesk | None, message: operations_pb2.DeleteOperationRequest) -> None:
    """Forgets a job that has ended; raises InvalidRequest, NotFound, and Precondition before its end."""
    check(operation_violations(message.name))
    await there(desk).store.delete(tenant(), bare(message.name))


async def wait_operation(
    desk: JobDesk | None,
    message: operations_pb2.WaitOperationRequest,
    time_remaining: float | None,
    waiting: Waiting,
) -> operations_pb2.Operation:
    """The operation when its job has ended, or when the timeout is over, whichever is first.

    Raises Overloaded where too many wait.
    """
    stated = [seconds(message.timeout)] if message.HasField("timeout") else []
    stated += [time_remaining - RESERVE] if time_remaining is not None else []
    left, pause = min([LONGEST_WAIT, *stated]), LOOK
    with waiting.one_more(tenant()):
        while not (job := await _job(there(desk), message.name)).state.ended and left > 0:
            await asyncio.sleep(min(pause, left))
            left, pause = left - pause, min(1.2 * pause, LONGEST_LOOK)
    return operation(there(desk), job)


async def _job(desk: JobDesk, name: str) -> Job:
    check(operation_violations(name))
    return await desk.store.get(tenant(), bare(name))
