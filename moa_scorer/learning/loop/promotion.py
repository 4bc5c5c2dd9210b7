"""Snapshots on a shelf: a candidate takes over or steps back, and no version that was ever there is touched.

Beside the snapshots of one name (`rubric.kind.panel`), one file a version, stand `NAME.state.json` and
`NAME.lineage.jsonl`. A caller who pinned a revision keeps it; whoever pinned none gets the version that the
state names. Every file is written whole or not at all, and the state last: what came before it may be there
twice after a crash, but never serves.
"""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from moa_scorer.calibration.decode import Undecodable, decode
from moa_scorer.calibration.files import read_snapshot, write_snapshot
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.standing import OpenAlarm, OpenDoubt, SnapshotState
from moa_scorer.domain.errors import ConfigurationError, MoaError
from moa_scorer.learning.loop.gate import Gate, Outcome
from moa_scorer.learning.loop.lineage import Action, Entry, append_entry, read_lineage

RATINGS_TO_REFIT = 25
"""New ratings after which a candidate is worth fitting; an alarm is worth one at once."""


class PromotionRefused(MoaError):
    """A candidate may not take over, or there is nothing to go back to."""

    reason = "PROMOTION_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does something, when and why: given, never looked up."""

    who: str
    at: str
    """ISO 8601 date or time."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The snapshots of one name in one folder, with their state."""

    folder: Path
    name: str
    """`rubric.kind.panel`, without a version."""
    snapshots: Mapping[int, Snapshot]
    """Version -> snapshot, rising."""
    state: SnapshotState

    @property
    def serving(self) -> Snapshot | None:
        """What unpinned callers get."""
        version = self.state.serving or max(self.snapshots, default=0)
        return self.snapshots.get(version)


def open_shelf(folder: Path, name: str, beside: Collection[Snapshot] = ()) -> Shelf:
    """Reads the snapshots of a name and their state; raises ConfigurationError.

    `beside` are those that a catalogue has elsewhere, such as packaged ones: they keep their versions.
    """
    read = [read_snapshot(path) for path in sorted(folder.glob("*.json.gz"))]
    found = {s.version: s for s in (*beside, *read) if s.name == name}
    own = sorted(found.values(), key=lambda s: s.version)
    state = read_state(state_path(folder, name))
    if state.serving is not None and state.serving not in {s.version for s in own}:
        raise ConfigurationError(
            (f"{state_path(folder, name)}: serving: there is no version {state.serving}",)
        )
    return Shelf(folder=folder, name=name, snapshots={s.version: s for s in own}, state=state)


def comparable(serving: Snapshot | None, rubric: str, panel: str) -> Snapshot | None:
    """The serving snapshot where it was fitted for these revisions."""
    fits = serving is not None and (serving.rubric, serving.panel) == (rubric, panel)
    return serving if fits else None


def refit_due(new_ratings: int, state: SnapshotState) -> bool:
    """Whether a candidate should be fitted."""
    return new_ratings >= RATINGS_TO_REFIT or bool(state.alarms)


def promote(
    shelf: Shelf, candidate: Snapshot, gate: Gate | None, act: Act, *, accepted: Collection[str] = ()
) -> Shelf:
    """Writes the candidate as the next version and lets it serve; returns the shelf as it is then.

    The first snapshot of a name needs no gate, nor does the first for a revision of its panel or rubric: with
    one of another revision nothing can be compared. Raises PromotionRefused when the gate did not pass, or
    while a judge that was found to score the other way is neither accepted here nor was before.
    """
    parent = shelf.serving
    _check_gate(comparable(parent, candidate.rubric, candidate.panel), gate)
    known = (*shelf.state.accepted, *(j for j in accepted if j not in shelf.state.accepted))
    _check_polarity(candidate, known)
    version = max(shelf.snapshots, default=0) + 1
    placed = replace(candidate, version=version)
    _check_name(placed)
    if parent is not None and shelf.state.serving is None:
        write_state(state_path(shelf.folder, shelf.name), replace(shelf.state, serving=parent.version))
    write_whole(shelf.folder / f"{placed.revision}.json.gz", placed)
    _record(shelf, act, Action.PROMOTE, placed, parent, gate)
    state = SnapshotState(
        serving=version, age_limit_days=shelf.state.age_limit_days, accepted=known, alarms=()
    )
    write_state(state_path(shelf.folder, shelf.name), state)
    return replace(shelf, snapshots={**shelf.snapshots, version: placed}, state=state)


def rollback(shelf: Shelf, act: Act) -> Shelf:
    """Lets the version serve again that the serving one replaced. Raises PromotionRefused without one."""
    serving = shelf.serving
    before = _replaced_by(shelf, serving) if serving else None
    if serving is None or before is None:
        raise PromotionRefused(f"{shelf.name}: there is no earlier snapshot to go back to")
    _record(shelf, act, Action.ROLLBACK, before, serving, None)
    return _with_state(shelf, replace(shelf.state, serving=before.version))


def serve_again(shelf: Shelf, version: int, act: Act) -> Shelf:
    """Lets a version serve that has served before, when it passed the gate or was the first of its name.

    Raises PromotionRefused for any other, and for the one that serves.
    """
    chosen, serving = shelf.snapshots.get(version), shelf.serving
    if chosen is None:
        raise PromotionRefused(f"{shelf.name}: there is no version {version}")
    if chosen is serving:
        raise PromotionRefused(f"{chosen.revision} serves already")
    entries = read_lineage(lineage_path(shelf.folder, shelf.name))
    if not any(chosen.revision in (entry.snapshot, entry.parent) for entry in entries):
        raise PromotionRefused(f"{chosen.revision} has never served: a candidate has to pass the gate first")
    _record(shelf, act, Action.PROMOTE, chosen, serving, None)
    return _with_state(shelf, replace(shelf.state, serving=version))


def open_alarms(shelf: Shelf, alarms: Collection[OpenAlarm], act: Act) -> Shelf:
    """Adds alarms of judges that have none yet: from now on numbers that rest on them are STALE."""
    known = {alarm.judge for alarm in shelf.state.alarms}
    new = [alarm for alarm in alarms if alarm.judge not in known]
    state = replace(shelf.state, alarms=(*shelf.state.alarms, *new))
    return _decided(shelf, state, Action.ALARM, act, [f"{alarm.judge} {alarm.what}" for alarm in new])


def close_alarms(shelf: Shelf, judges: Collection[str], act: Act) -> Shelf:
    """Takes the alarms of these judges away: somebody looked and answers for it."""
    left = tuple(alarm for alarm in shelf.state.alarms if alarm.judge not in judges)
    return _decided(shelf, replace(shelf.state, alarms=left), Action.CLOSE, act, [_noted(judges, act)])


def open_doubts(shelf: Shelf, doubts: Collection[OpenDoubt], act: Act) -> Shelf:
    """Adds doubts about sources that have none yet: from now on numbers of their items are STALE."""
    known = {doubt.source for doubt in shelf.state.doubts}
    new = [doubt for doubt in doubts if doubt.source not in known]
    state = replace(shelf.state, doubts=(*shelf.state.doubts, *new))
    return _decided(shelf, state, Action.ALARM, act, [f"source '{d.source}': {d.what}" for d in new])


def close_doubts(shelf: Shelf, sources: Collection[str], act: Act) -> Shelf:
    """Takes the doubts about these sources away: somebody looked and answers for it."""
    left = tuple(doubt for doubt in shelf.state.doubts if doubt.source not in sources)
    named = _noted([f"source '{source}'" for source in sources], act)
    return _decided(shelf, replace(shelf.state, doubts=left), Action.CLOSE, act, [named])


def limit_age(shelf: Shelf, days: int | None, act: Act) -> Shelf:
    """Sets after how many days a snapshot of this name is STALE; None = never."""
    note = replace(act, note=f"{days} days" if days else "none")
    _record(shelf, note, Action.AGE_LIMIT, shelf.serving, shelf.serving, None)
    return _with_state(shelf, replace(shelf.state, age_limit_days=days))


def state_path(folder: Path, name: str) -> Path:
    """Where the state of a name stands."""
    return folder / f"{name}.state.json"


def lineage_path(folder: Path, name: str) -> Path:
    """Where what was done stands."""
    return folder / f"{name}.lineage.jsonl"


def read_state(path: Path) -> SnapshotState:
    """The state; that of nothing decided where there is no file. Raises ConfigurationError."""
    if not path.exists():
        return SnapshotState()
    try:
        return decode(SnapshotState, json.loads(path.read_text(encoding="utf-8")))
    except Undecodable as error:
        raise ConfigurationError(tuple(f"{path}: {m}" for m in error.mistakes)) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigurationError((f"{path}: cannot be read: {error}",)) from None


def write_state(path: Path, state: SnapshotState) -> None:
    """Replaces the state as a whole."""
    _replace(path, (json.dumps(asdict(state), indent=2, ensure_ascii=False) + "\n").encode())


def write_whole(path: Path, snapshot: Snapshot) -> None:
    """Writes a snapshot that is either there in full or not at all; raises PromotionRefused over another."""
    if path.exists():
        raise PromotionRefused(f"{path} is there already: versions are never overwritten")
    temporary = path.with_name(f".{path.name}.part")
    write_snapshot(snapshot, temporary)
    _replace(path, temporary.read_bytes())
    temporary.unlink()


def _replace(path: Path, payload: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _decided(shelf: Shelf, state: SnapshotState, action: Action, act: Act, notes: Collection[str]) -> Shelf:
    """The shelf in that state, and a line of the lineage for each note; untouched where nothing changes."""
    if state == shelf.state:
        return shelf
    for note in notes:
        _record(shelf, replace(act, note=note), action, shelf.serving, shelf.serving, None)
    return _with_state(shelf, state)


def _noted(names: Collection[str], act: Act) -> str:
    """What is meant, and what is said about it."""
    return " ".join(filter(None, (", ".join(names), act.note)))


def _with_state(shelf: Shelf, state: SnapshotState) -> Shelf:
    write_state(state_path(shelf.folder, shelf.name), state)
    return replace(shelf, state=state)


def _check_name(candidate: Snapshot) -> None:
    """Names come out of a file: they must not lead out of the shelf."""
    if {"/", "\\"} & set(candidate.revision):
        raise PromotionRefused(f"{candidate.revision} cannot be a file's name: fit it under another --name")


def _check_gate(parent: Snapshot | None, gate: Gate | None) -> None:
    if parent is None:
        return
    if gate is None:
        raise PromotionRefused(
            f"{parent.revision} serves: show on an audit that the candidate is not worse than it"
        )
    if gate.outcome is not Outcome.PASS:
        raise PromotionRefused(f"the gate says {gate.outcome}: {'; '.join(gate.reasons)}")


def _check_polarity(candidate: Snapshot, accepted: Collection[str]) -> None:
    waiting = [j for j in candidate.reversed_judges if j not in accepted]
    if waiting:
        raise PromotionRefused(
            f"found to score the other way, declared by nobody: {', '.join(waiting)}; look at some of their "
            f"scores, then either declare the scale or accept it: "
            f"{' '.join(f'--accept-polarity {j}' for j in waiting)}"
        )


def _replaced_by(shelf: Shelf, serving: Snapshot) -> Snapshot | None:
    """The snapshot that served when this one was promoted; the next lower version where no line says so."""
    entries = read_lineage(lineage_path(shelf.folder, shelf.name))
    parents = [e.parent for e in entries if e.action is Action.PROMOTE and e.snapshot == serving.revision]
    versions = [v for v, s in shelf.snapshots.items() if s.revision in parents[-1:]]
    lower = [v for v in shelf.snapshots if v < serving.version]
    chosen = versions or ([] if parents else lower[-1:])
    return shelf.snapshots[chosen[0]] if chosen else None


def _record(
    shelf: Shelf, act: Act, action: Action, now: Snapshot | None, before: Snapshot | None, gate: Gate | None
) -> None:
    entry = Entry(
        at=act.at,
        who=act.who,
        action=action,
        snapshot=now.revision if now else "",
        digest=now.digest if now else "",
        parent=before.revision if before else "",
        parent_digest=before.digest if before else "",
        gate=figures(gate) if gate else {},
        note=act.note,
    )
    append_entry(lineage_path(shelf.folder, shelf.name), entry)


def figures(gate: Gate) -> dict[str, float]:
    """The gate's numbers by name, as a lineage keeps them."""
    return {
        "items": float(gate.overall.items),
        "rmse_before": round(gate.overall.before, 6),
        "rmse_after": round(gate.overall.after, 6),
        "change": round(gate.overall.relative, 6),
        "change_upper": round(gate.overall.bound(1), 6),
        "valid": float(gate.valid),
        "covered": float(gate.covered),
    }
