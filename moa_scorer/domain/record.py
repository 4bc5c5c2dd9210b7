"""The stored request, ballots and verdict: what every answer is told from, kept or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.judge import Estimate
from moa_scorer.domain.panel import Layer, Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.standing import IN_FORCE, Standing
from moa_scorer.domain.stopping import Stopping
from moa_scorer.domain.verdict import Completion, Decision, Ruling, Verdict


class CacheUse(StrEnum):
    """Where the ballots of an answer came from."""

    MISS = "miss"
    """The judges were asked."""
    HIT = "hit"
    """An earlier answer to the same content, rubric, panel and ruler; nobody was asked."""
    SHARED = "shared"
    """A panel that was at work on the same item for another request."""
    BYPASSED = "bypassed"
    """The request, or the kind of call, does without."""


class Unrecorded(StrEnum):
    """Why an answer names no record."""

    RETENTION = "retention"
    """The request asked that nothing be kept."""
    STORAGE_OFF = "storage_off"
    """The server keeps no records."""
    STORAGE_DOWN = "storage_down"
    """The record could not be written."""
    OUT_OF_TIME = "out_of_time"
    """It was not known to be on disk when the answer had to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPlan:
    """Judges that were to be asked side by side."""

    layer: Layer
    judges: tuple[str, ...]
    """Names of those not left out, the quickest first; may be empty."""
    share: float
    """Its part of the whole latency budget, in [0, 1]."""
    estimate: Estimate


NOTHING_ASKED: Final = Estimate(seconds=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """A plan as a value: every name resolved, and the ruler known before any judge was asked."""

    panel: Panel
    rubric: Rubric
    policy: Policy | None
    floor: Policy | None = None
    """The server's own, which the request's policy cannot loosen. No part of the ruler, like the policy."""
    snapshot: str = ""
    """Revision of the calibration snapshot; empty = nobody had rated for this rubric and panel."""
    calibration: str = ""
    """Digest of the snapshot, else of the reference quantiles."""
    reference: str = ""
    """Digest of the reference quantiles: where the snapshot gives only an order they make the number."""
    judge_revisions: Mapping[str, str] = field(default_factory=dict)
    """Judge -> the revision that a snapshot knows it by, in panel order."""
    layers: tuple[LayerPlan, ...] = ()
    stopping: Stopping | None = None
    """When a tier of the panel was not to be asked; None = it has none, or without a policy all are asked."""
    left_out: tuple[Ballot, ...] = ()
    """Judges that were not to be asked, in panel order, each with why."""
    quorum: int
    ruler: str
    estimate: Estimate = NOTHING_ASKED
    """Seconds on idle machines, layer after layer, and the most money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRuling:
    """What another policy, panel or snapshot would have said: observed, not enforced."""

    resource: str
    """Such as `policies/strict@2` or `snapshots/REVISION`."""
    decision: Decision
    rule: str
    score: float | None = None
    """In [0, 1]; None = unscored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One item's result and what it rests on: same ballots and same ruler, same number."""

    name: str = ""
    """26 characters that sort by time; empty = not kept, or not yet."""
    unrecorded: Unrecorded | None = None
    """Why there is no name; None with a name."""
    created: datetime
    """When the verdict was made, in UTC."""
    request: ScoreRequest
    plan: PlanRecord
    facts: Facts
    standing: Standing = IN_FORCE
    """What spoke against the snapshot then."""
    in_time: bool = True
    """Whether the weights of the judges that answered were ready within the budget."""
    verdict: Verdict
    ruling: Ruling
    shadows: tuple[ShadowRuling, ...] = ()
    ruler_reported: str = ""
    """Digest of the planned ruler, the judges that answered and the models that they reported."""
    elapsed: float
    """Seconds from the request to this result. Reported, never part of the number."""
    budget: float = 0.0
    """Seconds that the judges were allowed, after the reserve."""
    cache: CacheUse = CacheUse.MISS
    origin: str = ""
    """Record whose ballots these are, for a cache hit and an escalation; empty = its own."""
    audited: bool = False
    """Whether it was drawn for the random audit: people rate it whatever the decision."""

    @property
    def provisional(self) -> bool:
        return self.verdict.completion is Completion.PROVISIONAL
