"""The weights of judges that never answered together before, worked out once for all who wait."""

import asyncio
from collections.abc import Sequence

from moa_scorer.aggregation.reconcile import mask_to_fit
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mask_fit import Mask, MaskFit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.facts import Facts
from moa_scorer.scoring.brought import Brought
from moa_scorer.scoring.plan import Plan


class Weights:
    """Fits masks in threads. What was begun goes on for the next request."""

    def __init__(self) -> None:
        self._fitting: dict[tuple[str, Mask], asyncio.Task[MaskFit]] = {}

    async def ready(
        self, plan: Plan | Brought, facts: Facts, ballots: Sequence[Ballot], seconds: float
    ) -> bool:
        """Whether the ballots can be fused at once, after so many seconds at most."""
        mask = mask_to_fit(ballots, plan.snapshot, panel=plan.panel, facts=facts)
        if mask is None or plan.snapshot is None:
            return True
        fitting = self.begin(plan.snapshot, mask)
        await asyncio.wait({fitting}, timeout=seconds)
        return fitting.done()

    def begin(self, snapshot: Snapshot, mask: Mask) -> asyncio.Task[MaskFit]:
        """Begins to work out a mask, where nothing is at work on it yet."""
        key = (snapshot.digest, mask)
        if key not in self._fitting:
            self._fitting[key] = asyncio.create_task(asyncio.to_thread(fit_mask, snapshot, mask))
            self._fitting[key].add_done_callback(lambda _: self._fitting.pop(key, None))
        return self._fitting[key]

    async def aclose(self) -> None:
        """Ends what is at work, as far as a thread can be ended."""
        fitting = set(self._fitting.values())
        for task in fitting:
            task.cancel()
        if fitting:
            await asyncio.wait(fitting)
