"""Backfills: a turn at the items, and the results in their file."""

from dataclasses import dataclass, replace
from pathlib import Path

from moa_scorer.contract.limits import Limits
from moa_scorer.domain.job import Job, JobState, Problem
from moa_scorer.domain.job_order import Backfill
from moa_scorer.domain.job_store import JobStore, Lease
from moa_scorer.pipelines.attempts import Attempts
from moa_scorer.pipelines.ended import HANDED_BACK, Ended, Stopped
from moa_scorer.pipelines.patience import patiently
from moa_scorer.pipelines.results import Unwritable, write_results
from moa_scorer.pipelines.rows import Unreadable
from moa_scorer.pipelines.turn import Turn
from moa_scorer.pipelines.wish import Stop, Wish
from moa_scorer.scoring.pipeline import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfills:
    """Works on backfills with one pipeline."""

    store: JobStore
    pipeline: Pipeline
    limits: Limits
    gives_way: bool = True
    """Whether live calls go first."""

    async def run(self, lease: Lease, stop: Stop) -> Ended:
        """A turn at the job; raises LeaseLost, StorageUnavailable after a stop was asked for, and bugs."""
        job, order = lease.job, lease.job.order
        assert isinstance(order, Backfill), "the runner asks by kind"
        attempts = Attempts(job, order, self.pipeline, self.limits, stop)
        turn = Turn(self.store, lease, order, attempts, stop, gives_way=self.gives_way)
        ended = Ended(state=JobState.SUCCEEDED)
        try:
            await turn.take()
        except Stopped as error:
            ended = error.ended
        except Unreadable as error:
            words = (
                f"{Path(order.source.path).name}: {error}"  # callers are told: not where the server has it
            )
            ended = Ended(state=JobState.FAILED, problem=Problem.INPUT, detail=words)
        if stop.wish is Wish.HAND_BACK:
            return HANDED_BACK
        if stop.wish is Wish.CANCEL:
            ended = Ended(state=JobState.CANCELLED)
        return await self._written(job, order, ended, stop)

    async def _written(self, job: Job, order: Backfill, ended: Ended, stop: Stop) -> Ended:
        """The results stand in their file, those of a job that stopped half way too."""
        try:
            count = await patiently(job.name, lambda: write_results(self.store, job.name, order.output), stop)
        except Unwritable as error:
            if ended.problem is None:
                return replace(ended, state=JobState.FAILED, problem=Problem.OUTPUT, detail=str(error))
            return ended
        return replace(ended, detail=ended.detail or f"{count:,} items in {order.output}")
