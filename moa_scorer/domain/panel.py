"""Which judges are asked, and how many must answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A named, versioned set of judges."""

    name: str
    version: int
    """Revision number, from 1; `name@version` pins it."""
    title: str
    """One line for catalogues."""
    judges: tuple[str, ...]
    """Names of the planned judges, in the order that makes the fusion's columns; no repeats."""
    quorum: int
    """Judges that must give a usable judgment of a criterion for it to be scored; 1..len(judges)."""
    default_rubric: str
    """Rubric taken when a request names none."""

    @property
    def revision(self) -> str:
        return f"{self.name}@{self.version}"
