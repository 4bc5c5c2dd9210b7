"""Which judges are asked, and how many must answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """Rubric taken when a request names none and `rubrics` has no entry for its kind."""
    rubrics: Mapping[str, str] = field(default_factory=dict)
    """Kind of content -> rubric (`name` or `name@version`) taken when a request names none."""

    def rubric_for(self, kind: str) -> str:
        """The rubric of a request that names none."""
        return self.rubrics.get(kind, self.default_rubric)

    @property
    def revision(self) -> str:
        return f"{self.name}@{self.version}"
