"""What a process holds: memory and open files, looked at again and again."""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import suppress
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
    sockets: int
    """Of these; listening ones among them."""
    threads: int


def look(pid: int, at: float) -> Look:
    """Raises FileNotFoundError when the process has ended."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    if "VmRSS" not in status:
        raise FileNotFoundError(f"process {pid} has ended")
    opened = list(_opened(pid))
    return Look(
        at=at,
        memory=int(status["VmRSS"].split()[0]) * 1024,
        files=len(opened),
        sockets=sum(name.startswith("socket:") for name in opened),
        threads=int(status["Threads"]),
    )


def _opened(pid: int) -> Iterator[str]:
    """What its file descriptors stand for."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(descriptor.readlink())


def memory_growth(looks: Sequence[Look]) -> float:
    """Share by which memory grew from the second fifth of the time to the last one; 0 of too few looks."""
    fifth = len(looks) // 5
    if not fifth:
        return 0.0
    early = statistics.median(each.memory for each in looks[fifth : 2 * fifth])
    late = statistics.median(each.memory for each in looks[-fifth:])
    return late / early - 1
