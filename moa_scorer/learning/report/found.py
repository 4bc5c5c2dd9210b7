"""What a report is made from: an evaluation, and whatever else is known of the study."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from moa_scorer.calibration.polarity import Polarity
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.learning.choice.card import ReportCard
from moa_scorer.learning.protocol.findings import AVERAGE, PANEL, Estimate, Evaluation, OutOfFold
from moa_scorer.learning.report.drift import Drift


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Everything that one report shows."""

    evaluation: Evaluation
    """With the most rated items."""
    curve: tuple[Evaluation, ...] = ()
    """The same study with fewer rated items, fewest first."""
    card: ReportCard | None = None
    """None where too few items are rated for it."""
    polarities: tuple[Polarity, ...] = ()
    """Of every judge that can be compared with people."""
    snapshot: Snapshot | None = None
    """The one that the report is about; None = none was given."""
    drift: Drift | None = None
    """None = not looked for."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Item -> who wrote it or where it comes from; no entry = not known."""
    mentions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Item -> groups of people spoken of; no entry = not asked."""
    scale: tuple[float, float] = (0.0, 1.0)
    """(lowest, highest) value of the people's scale."""
    command: str = ""
    """As typed, so that somebody can do it again."""
    version: str = ""
    """Of the product."""

    @property
    def head(self) -> str:
        """What headline figures are about: the mean over criteria, else the only criterion."""
        known = [h for h in (AVERAGE, OVERALL) if self.figure(PANEL, h, self.evaluation.primary)]
        return known[0] if known and len(self.evaluation.criteria) > 1 else self.evaluation.criteria[0]

    @property
    def whole(self) -> str:
        """What single items are shown by: the overall, else the only criterion."""
        measured = {o.criterion for o in self.evaluation.out_of_fold}
        return OVERALL if OVERALL in measured else self.evaluation.criteria[0]

    def figure(self, method: str, head: str, metric: str) -> Estimate | None:
        """A figure of the evaluation; None where it was not measured."""
        return self.evaluation.figure(method, head, metric)

    def said(self, head: str, method: str = PANEL) -> OutOfFold | None:
        """What a method said of items that its fit had not seen."""
        for one in self.evaluation.out_of_fold:
            if (one.method, one.criterion) == (method, head):
                return one
        return None
