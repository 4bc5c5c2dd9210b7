"""How judges and snapshots of a running server stand, for operators."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import SnapshotState
from moa_scorer.domain.admin import Circuit, EndpointHealth, Finding, JudgeHealth, SnapshotStanding
from moa_scorer.domain.judge_state import JudgeStanding, JudgeState
from moa_scorer.scoring.catalog import Catalog

if TYPE_CHECKING:
    from moa_scorer.app.compose import Application
    from moa_scorer.providers.endpoint import Endpoint


def health_of(judge: str, state: JudgeState | None, application: "Application") -> JudgeHealth:
    """How a judge of the catalogue stands now, with what was decided about it."""
    now = application.pipeline.clock.now()
    name = application.catalog.judge(judge).profile.endpoint
    endpoint = application.network.endpoints.get(name)
    return JudgeHealth(
        judge=judge,
        state=_in_force(judge, state, now),
        decided=state is not None,
        endpoint=_endpoint(name, endpoint) if endpoint else None,
        alarms=tuple(_alarms(judge, application.catalog)),
    )


def standing_of(name: str, snapshots: Sequence[Snapshot], state: SnapshotState) -> SnapshotStanding:
    """What was decided about the snapshots of a name."""
    versions = tuple(sorted(snapshot.version for snapshot in snapshots))
    return SnapshotStanding(
        name=name,
        serving=state.serving or max(versions, default=None),
        versions=versions,
        age_limit_days=state.age_limit_days,
        alarms=tuple(Finding(subject=a.judge, what=a.what, since=a.since) for a in state.alarms),
        doubts=tuple(Finding(subject=d.source, what=d.what, since=d.since) for d in state.doubts),
    )


def words_of(state: JudgeState | None) -> str:
    """What was decided about a judge, for the audit log."""
    if state is None or state.standing is JudgeStanding.IN_SERVICE:
        return "in service"
    end = f" until {state.until:%Y-%m-%d %H:%M} UTC" if state.until else ""
    return f"{state.standing.value}{end}: {state.why}"


def _in_force(judge: str, state: JudgeState | None, now: datetime) -> JudgeState:
    """What holds now: a decision whose end has come does not."""
    if state is None:
        return JudgeState(judge=judge, standing=JudgeStanding.IN_SERVICE, since=now)
    if state.standing is JudgeStanding.IN_SERVICE or state.holds(now):
        return state
    return replace(
        state, standing=JudgeStanding.IN_SERVICE, why="", since=state.until or state.since, until=None
    )


def _endpoint(name: str, endpoint: "Endpoint") -> EndpointHealth:
    now = endpoint.statistics()
    return EndpointHealth(
        name=name, circuit=Circuit(now.circuit.value), in_flight=now.in_flight, waiting=now.waiting
    )


def _alarms(judge: str, catalog: Catalog) -> Iterator[str]:
    """Serving snapshots with an open alarm about the judge, under any of its names in their panel."""
    panels = {panel.revision: panel for panel in catalog.panels}
    for snapshot in catalog.snapshots:
        state = catalog.states.get(snapshot.name)
        panel = panels.get(snapshot.panel)
        if state is None or panel is None or state.serving not in (None, snapshot.version):
            continue
        if any(panel.seats.get(alarm.judge, alarm.judge) == judge for alarm in state.alarms):
            yield snapshot.revision
