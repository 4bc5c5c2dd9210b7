"""One collection of the catalogue while it is read: later folders over earlier ones."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from moa_scorer.app.files.parts import Mistake


class Revisioned(Protocol):
    """What stands on a shelf."""

    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...


R = TypeVar("R", bound=Revisioned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[R]):
    """A resource and where it stands."""

    value: R
    file: Path

    def mistakes(self, misfits: Iterable[Mistake]) -> list[str]:
        """What is wrong in the file, a line each."""
        return [f"{self.file}: {path}: {words}" for path, words in misfits]


@dataclass(slots=True)
class Shelf(Generic[R]):
    """One collection while it is read."""

    found: dict[str, Found[R]] = field(default_factory=dict)
    """Revision -> resource; a later folder's takes the place of an earlier one's."""
    broken: bool = False
    """Whether a file could not be read, so that names may be missing through no fault of who uses them."""

    def values(self) -> tuple[R, ...]:
        """By name and version."""
        return tuple(f.value for f in self.in_order())

    def in_order(self) -> list[Found[R]]:
        """The same, with their files."""
        return sorted(self.found.values(), key=lambda f: f.value.revision)

    def by_revision(self) -> dict[str, R]:
        """`name@version` -> resource."""
        return {revision: found.value for revision, found in self.found.items()}

    def names(self) -> set[str]:
        """`name` and `name@version` of everything found."""
        return {f.value.name for f in self.found.values()} | set(self.found)


def read_shelf(
    folders: Sequence[Path],
    collection: str,
    read: Callable[[Path, list[str]], R | None],
    mistakes: list[str],
) -> Shelf[R]:
    """Every file of a collection; `read` adds to the mistakes and gives None for a file that has one."""
    shelf: Shelf[R] = Shelf()
    for folder in folders:
        here: dict[str, Found[R]] = {}
        for path in sorted((folder / collection).glob("*.y*ml")):
            value = read(path, mistakes)
            if value is None:
                shelf.broken = True
            elif value.revision in here:
                other = here[value.revision].file
                mistakes.append(f"{path}: name: {value.revision} stands in {other} too")
            else:
                here[value.revision] = Found(value=value, file=path)
        shelf.found.update(here)
    return shelf
