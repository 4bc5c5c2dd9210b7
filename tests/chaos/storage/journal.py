"""What callers were told, on disk before it counts: a test that is broken off goes on from it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An item was asked about for the first time; its request id is its number."""

    round: int
    item: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer that names its record came back."""

    round: int
    item: int
    record: str
    """`records/ID`."""
    score: float
    """In [0, 1]."""
    again: bool = False
    """Whether the item had been answered before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A call ended without an answer that counts."""

    round: int
    item: int
    why: str
    """Name of the gRPC status, `UNSCORED`, or `UNRECORDED` and the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A record that was named before was replayed."""

    round: int
    record: str
    outcome: str
    """Such as `SAME`, or the name of a gRPC status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A backfill was ordered."""

    round: int
    number: int
    """From 1."""
    name: str
    """`operations/ID`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A backfill had ended with items set aside, and was asked to try them again."""

    round: int
    number: int
    set_aside: int
    """Items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A backfill was seen to have ended."""

    round: int
    number: int
    state: str
    scored: int
    micro_usd: int
    """What its progress says that was spent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """The server was killed: the end of a round."""

    round: int
    workers: int
    starting: float
    """Seconds from its start until it served."""
    under_load: float
    """Seconds."""


Event: TypeAlias = Asked | Told | Cut | Looked | Ordered | Resumed | Ended | Killed
E = TypeVar("E", Asked, Told, Cut, Looked, Ordered, Resumed, Ended, Killed)
KINDS: Final = {kind.__name__: kind for kind in (Asked, Told, Cut, Looked, Ordered, Resumed, Ended, Killed)}


class Journal:
    """JSON lines; a line that was cut off is left out."""

    def __init__(self, path: Path) -> None:
        self.events: list[Event] = list(_read(path)) if path.exists() else []
        self._file = path.open("a", encoding="utf-8")
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            self._file.write("\n")

    def write(self, event: Event) -> None:
        """Kept at once."""
        line = {"what": type(event).__name__} | asdict(event)
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        """Everything of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def rounds(self) -> int:
        """How many have ended."""
        return max((event.round for event in self.of(Killed)), default=0)

    def unanswered(self) -> list[int]:
        """Items that were asked about and have no answer yet."""
        told = {event.item for event in self.of(Told)}
        return [event.item for event in self.of(Asked) if event.item not in told]

    def close(self) -> None:
        self._file.close()


def _read(path: Path) -> Iterator[Event]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            said: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            continue
        yield KINDS[said.pop("what")](**said)
