"""What a process holds: memory and open files, looked at again and again."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A process at an instant."""

    at: float
    """Monotonic seconds."""
    memory: int
    """Bytes resident."""
    files: int
    """Open file descriptors, connections among them."""
    threads: int


def look(pid: int, at: float) -> Look:
    """Raises FileNotFoundError when the process has ended."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    if "VmRSS" not in status:
        raise FileNotFoundError(f"process {pid} has ended")
    return Look(
        at=at,
        memory=int(status["VmRSS"].split()[0]) * 1024,
        files=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=int(status["Threads"]),
    )


def memory_growth(looks: Sequence[Look]) -> float:
    """Share by which memory grew from the second fifth of the time to the last one; 0 of too few looks."""
    fifth = len(looks) // 5
    if not fifth:
        return 0.0
    early = statistics.median(each.memory for each in looks[fifth : 2 * fifth])
    late = statistics.median(each.memory for each in looks[-fifth:])
    return late / early - 1
