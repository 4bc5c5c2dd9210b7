"""What a process holds: memory and open files, looked at again and again."""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MEBI = 1024 * 1024
BETWEEN = 0.6
"""Share of the time that lies between the middle of its second fifth and that of its last one."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Of a process's memory while it was attacked."""

    warm: float
    """Bytes."""
    last: float
    """Bytes."""

    @property
    def share(self) -> float:
        """Of the memory when it was warm."""
        return self.last / self.warm - 1

    def an_attack(self, attacks: int) -> float:
        """Bytes, when there were so many attacks in all."""
        return max(0.0, self.last - self.warm) / (BETWEEN * attacks)

    def share_of(self, an_attack: float, attacks: int) -> float:
        """What so many bytes an attack come to, as a share of the memory when it was warm."""
        return an_attack * BETWEEN * attacks / self.warm


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


def grown(looks: Sequence[Look]) -> Growth:
    """From the second fifth of the time, when the server is warm, to the last; raises for too few looks."""
    fifth = len(looks) // 5
    return Growth(
        warm=statistics.median(each.memory for each in looks[fifth : 2 * fifth]),
        last=statistics.median(each.memory for each in looks[-fifth:]),
    )
