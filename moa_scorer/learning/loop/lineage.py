"""What was done to the snapshots of one name, by whom and why: lines that are only ever added.

Each line holds the sha256 of the one before it, so a line that was changed or taken out is noticed.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from moa_scorer.calibration.decode import Undecodable, decode
from moa_scorer.domain.errors import ConfigurationError


class Action(StrEnum):
    """What can happen to a snapshot."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    ALARM = "alarm"
    """A judge was found to drift."""
    CLOSE = "close"
    """The alarms of a judge were closed."""
    AGE_LIMIT = "age_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done."""

    at: str
    """ISO 8601 date or time, as given."""
    who: str
    """Whoever answers for it, as given."""
    action: Action
    snapshot: str
    """Revision that serves unpinned callers afterwards."""
    digest: str = ""
    """Of that snapshot's content."""
    parent: str = ""
    """Revision that served before; empty = none did."""
    parent_digest: str = ""
    gate: Mapping[str, float] = field(default_factory=dict)
    """The gate's figures; empty where there was none."""
    note: str = ""
    """What else there is to know, such as a judge's name and what was found."""
    previous: str = ""
    """sha256 of the line before; empty on the first. Set on writing."""


def read_lineage(path: Path) -> tuple[Entry, ...]:
    """All entries, oldest first; none where there is no file. Raises ConfigurationError naming a line that
    cannot be read or does not follow from the one before it."""
    entries: list[Entry] = []
    previous = ""
    for number, line in enumerate(_lines(path), start=1):
        try:
            entry = decode(Entry, json.loads(line))
        except (json.JSONDecodeError, Undecodable) as error:
            raise ConfigurationError((f"{path}: line {number}: not an entry ({error})",)) from None
        if entry.previous != previous:
            raise ConfigurationError((f"{path}: line {number}: a line before it was changed or taken out",))
        entries.append(entry)
        previous = _digest(line)
    return tuple(entries)


def append_entry(path: Path, entry: Entry) -> None:
    """Adds an entry and has it written to disk; what is there is checked first and never changed."""
    read_lineage(path)
    lines = _lines(path)
    plain = {**asdict(entry), "previous": _digest(lines[-1]) if lines else ""}
    kept = {k: v for k, v in plain.items() if v not in ("", {})}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [line for line in text.split("\n") if line]


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
