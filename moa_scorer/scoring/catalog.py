"""What can be asked for by name: panels, rubrics, policies, judges and snapshots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Protocol, TypeVar

from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import OpenAlarm, SnapshotState, standing_of
from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.errors import NotFound
from moa_scorer.domain.judge import Judge
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.stopping import UNCALIBRATED, Stopping
from moa_scorer.domain.tenant import Tenant
from moa_scorer.scoring.shadows import NO_SHADOWS, Shadows


class _Revisioned(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...


R = TypeVar("R", bound=_Revisioned)

NOBODY: Final[Mapping[str, Abstention]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Everything configured, immutable: a reload builds another one. Every look-up raises NotFound.

    The catalogue is shared by all tenants; the tenant is part of every look-up all the same.
    """

    panels: tuple[Panel, ...]
    rubrics: tuple[Rubric, ...]
    policies: tuple[Policy, ...]
    judges: Mapping[str, Judge]
    """Judge name -> judge; holds every judge that a panel names."""
    snapshots: tuple[Snapshot, ...]
    reference: Reference
    """Reference quantiles for what nobody has rated."""
    default_panel: str
    states: Mapping[str, SnapshotState] = field(default_factory=dict)
    """Name of a snapshot, without its version -> what was decided about it; no entry = nothing was."""
    doubts: Mapping[str, str] = field(default_factory=dict)
    """Revision of a snapshot -> why it does not hold for the items at hand, in words."""
    judge_states: Mapping[str, JudgeState] = field(default_factory=dict)
    """Judge of the catalogue -> what operators decided about it; no entry = in service."""
    floor: Policy | None = None
    """What no request's policy can loosen."""
    shadows: Shadows = NO_SHADOWS
    """What is observed beside every answer."""
    stoppings: tuple[Stopping, ...] = ()
    """Calibrated stopping rules, at most one for a panel, policy and snapshot."""

    def panel(self, tenant: Tenant, reference: str) -> Panel:  # noqa: ARG002
        """The panel of that `name` (its highest version) or `name@version`; the default for an empty one."""
        return _resolve("panels", self.panels, reference or self.default_panel)

    def rubric(self, tenant: Tenant, reference: str) -> Rubric:  # noqa: ARG002
        """The rubric of that `name` or `name@version`."""
        return _resolve("rubrics", self.rubrics, reference)

    def policy(self, tenant: Tenant, reference: str) -> Policy:  # noqa: ARG002
        """The policy of that `name` or `name@version`."""
        return _resolve("policies", self.policies, reference)

    def judge(self, name: str) -> Judge:
        """The judge of that name."""
        if name not in self.judges:
            raise NotFound("judges", name, tuple(self.judges))
        return self.judges[name]

    def snapshot(self, reference: str) -> Snapshot:
        """The snapshot of that revision, or the serving (else newest) one of that `RUBRIC.KIND.PANEL`."""
        found = [
            s
            for s in self.snapshots
            if reference == s.revision
            or (reference == s.name and self._state(s).serving in (None, s.version))
        ]
        if not found:
            raise NotFound("snapshots", reference, tuple(s.revision for s in self.snapshots))
        return max(found, key=lambda s: s.version)

    def snapshot_for(self, rubric: Rubric, panel: Panel, kind: str) -> Snapshot | None:
        """The serving snapshot fitted for this rubric and panel, one of the content's kind first.

        None when nobody has rated for this rubric and panel. A snapshot of another kind still gives an
        ordering; whether it may be called calibrated is for the certificate to say.
        """
        fitted = [
            s
            for s in self.snapshots
            if s.rubric == rubric.revision
            and s.panel == panel.revision
            and self._state(s).serving in (None, s.version)
        ]
        return max(fitted, key=lambda s: (kind in s.kinds, s.version), default=None)

    def stopping(self, panel: Panel, policy: Policy, snapshot: Snapshot | None) -> Stopping:
        """The rule that was calibrated for these three; else the interval as it is, uncalibrated."""
        revision = snapshot.revision if snapshot else ""
        wanted = (panel.revision, policy.revision, revision)
        found = (s for s in self.stoppings if (s.panel, s.policy, s.snapshot) == wanted)
        return next(found, UNCALIBRATED)

    def standing(self, snapshot: Snapshot | None, today: date, source: str = "") -> Standing:
        """What speaks against a snapshot's certificates today, for items of a source; nothing where there is
        no snapshot."""
        if snapshot is None:
            return Standing()
        found = standing_of(self._state(snapshot), snapshot.provenance.created, today, source)
        return replace(found, doubt=self.doubts.get(snapshot.revision, "") or found.doubt)

    def masked(self, panel: Panel, snapshot: Snapshot | None) -> Mapping[str, Abstention]:
        """Judge of the panel -> why it is not to be asked: an operator took it out, or it drifts from what
        the snapshot knows of it."""
        alarms = {a.judge: a for a in self._state(snapshot).alarms} if snapshot is not None else {}
        states = self.judge_states
        if not alarms and not states:
            return NOBODY
        return {name: why for name in panel.judges if (why := self._mask(panel, name, alarms)) is not None}

    def _mask(self, panel: Panel, name: str, alarms: Mapping[str, OpenAlarm]) -> Abstention | None:
        state = self.judge_states.get(panel.seats.get(name, name))
        if state is not None and state.standing is JudgeStanding.QUARANTINED:
            return Abstention(reason=AbstentionReason.QUARANTINED, detail=state.why)
        drifting = state is not None and state.standing is JudgeStanding.DRIFT_MASKED
        if not drifting and name not in alarms:
            return None
        words = alarms[name].what if name in alarms else state.why if state else ""
        return Abstention(reason=AbstentionReason.DRIFT_MASKED, detail=words)

    def _state(self, snapshot: Snapshot) -> SnapshotState:
        return self.states.get(snapshot.name, SnapshotState())


def _resolve(collection: str, resources: Sequence[R], reference: str) -> R:
    name, _, version = reference.partition("@")
    found = [r for r in resources if r.name == name and version in ("", str(r.version))]
    if not found:
        known = tuple(dict.fromkeys(r.name for r in resources))
        raise NotFound(collection, reference, known)
    return max(found, key=lambda r: r.version)
