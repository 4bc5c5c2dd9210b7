"""Calibrations as jobs: a turn begins anew, for nothing serves before the end of one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from google.protobuf.json_format import MessageToJson

from moa_scorer.contract.calibrations import calibration_message
from moa_scorer.domain.job import JobState
from moa_scorer.domain.job_order import Calibration
from moa_scorer.domain.job_store import Lease
from moa_scorer.domain.tenant import Tenant
from moa_scorer.pipelines.ended import HANDED_BACK, Ended
from moa_scorer.pipelines.what_if import until_stopped
from moa_scorer.pipelines.wish import Stop, Wish

if TYPE_CHECKING:
    from moa_scorer.learning.loop.online import CalibrationOutcome

Calibrate: TypeAlias = "Callable[[Tenant, Calibration], Awaitable[CalibrationOutcome]]"
"""Fits a candidate, measures it, and lets it serve if it passes; raises MoaError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrations:
    """Works on calibrations."""

    calibrate: Calibrate

    async def run(self, lease: Lease, stop: Stop) -> Ended:
        """A turn at the job; raises what calibrating raises."""
        order = lease.job.order
        assert isinstance(order, Calibration), "the runner asks by kind"
        found = await until_stopped(self.calibrate(lease.job.tenant, order), stop)
        if found is None:
            return HANDED_BACK if stop.wish is Wish.HAND_BACK else Ended(state=JobState.CANCELLED)
        message = calibration_message(found)
        return Ended(state=JobState.SUCCEEDED, result=MessageToJson(message, indent=None))
