"""Which judges are asked, and how many must answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class When(StrEnum):
    """Whether a layer is asked."""

    ALWAYS = "always"
    UNDECIDED = "undecided"
    """Only when the ballots so far leave the policy's decision open: a tier of a cascade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Content that another panel takes over; everything set must hold."""

    panel: str
    """`name` or `name@version`."""
    kinds: tuple[str, ...] = ()
    """Declared kinds; empty = any."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes, declared or else detected; empty = any."""
    sensitivity: str = ""
    """`vendors_allowed` or `local_only`; empty = either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Judges that run side by side."""

    judges: tuple[str, ...]
    """Names of its judges, a run of `Panel.judges`."""
    quorum: int | None = None
    """Judgments after which only `grace` more is waited; None = all are waited for within the budget."""
    grace: float = 0.0
    """Seconds, >= 0."""
    share: float = 1.0
    """Its part of the latency budget, in proportion to the other layers' shares, > 0. Time that a layer does
    not use is the next one's."""
    shows_content: bool = True
    """Whether judges of a later layer are shown the content beside the ballots."""
    when: When = When.ALWAYS
    reads: bool = True
    """Whether judges of a later layer are shown the ballots of earlier ones; a tier's judges are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A named, versioned set of judges in one or more layers."""

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
    layers: tuple[Layer, ...] = ()
    """The judges by layer, in order; empty = all of them in one layer."""
    seats: Mapping[str, str] = field(default_factory=dict)
    """Name in this panel -> name in the catalogue, where they differ: one judge may sit more than once."""
    writer: str = ""
    """Judge of the last layer whose critique is the rationale when it passes the checks; empty = none."""
    routes: tuple[Route, ...] = ()
    """Tried in order before anything else; the first that fits names the panel that is asked."""

    def rubric_for(self, kind: str) -> str:
        """The rubric of a request that names none."""
        return self.rubrics.get(kind, self.default_rubric)

    def in_layers(self) -> tuple[Layer, ...]:
        """At least one layer."""
        return self.layers or (Layer(judges=self.judges),)

    def before(self, judge: str) -> tuple[str, ...]:
        """The judges whose ballots it reads: of all layers before its own, or none where that reads none."""
        earlier: tuple[str, ...] = ()
        for layer in self.in_layers():
            if judge in layer.judges:
                return earlier if layer.reads else ()
            earlier += layer.judges
        return earlier

    @property
    def tiers(self) -> tuple[Layer, ...]:
        """The layers that are asked only while the decision is open; empty = the panel is no cascade."""
        return tuple(layer for layer in self.layers if layer.when is When.UNDECIDED)

    @property
    def revision(self) -> str:
        return f"{self.name}@{self.version}"
