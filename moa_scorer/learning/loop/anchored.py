"""What ratings newer than a fit tell: of a judge that drifts, or of items or raters that are others now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import OpenAlarm, OpenDoubt
from moa_scorer.learning.loop.drift import alarms as drift_alarms
from moa_scorer.learning.loop.drift import sentinels
from moa_scorer.learning.loop.on_scales import table_on
from moa_scorer.learning.study.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What was found; alarms mask judges, doubts do not."""

    alarms: tuple[OpenAlarm, ...] = ()
    doubts: tuple[OpenDoubt, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.alarms or self.doubts)

    @property
    def words(self) -> tuple[str, ...]:
        """A sentence each."""
        judges = (f"{alarm.judge} {alarm.what}" for alarm in self.alarms)
        return (*judges, *(f"source '{doubt.source}': {doubt.what}" for doubt in self.doubts))


NOTHING = Anchored()


def anchored(snapshot: Snapshot, study: Study, fixed: Collection[str], *, since: str, seed: int) -> Anchored:
    """Judges whose scores have left the line that they kept to in the snapshot's ratings.

    Judges drift one by one. Where half of those watched depart together, or one of the `fixed`, which answer
    alike while their revision is the same, the items or the raters are others than those of the fit: then
    the sources of the ratings are in doubt, and nobody is masked.
    """
    if not study.items:
        return NOTHING
    found = sentinels(snapshot, table_on(study, snapshot.scales), seed=seed)
    alarms = drift_alarms(found, since=since)
    departed, watched = {alarm.judge for alarm in alarms}, {one.judge for one in found}
    if not departed:
        return NOTHING
    if departed & set(fixed) or 2 * len(departed) >= len(watched):
        return Anchored(doubts=_doubts(study, sorted(departed), len(watched), since))
    return Anchored(alarms=alarms)


def _doubts(study: Study, departed: Sequence[str], watched: int, since: str) -> tuple[OpenDoubt, ...]:
    what = (
        f"beside the ratings {', '.join(departed)} ({len(departed)} of {watched} judges) score otherwise "
        "than in the fit, so that the items or the raters are others: calibrate on ratings of this source"
    )
    sources = dict.fromkeys(item.system for item in study.items)
    return tuple(OpenDoubt(source=source, since=since, what=what) for source in sources)
