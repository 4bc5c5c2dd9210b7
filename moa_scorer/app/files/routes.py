"""Routes of panels: content that another panel takes over, and how routes may not run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from pydantic import model_validator

from moa_scorer.app.files.judges import Language
from moa_scorer.app.files.parts import Identifier, Mistake, Part, Reference
from moa_scorer.app.mistakes import did_you_mean
from moa_scorer.domain.panel import Panel, Route
from moa_scorer.domain.request import Sensitivity


class RouteModel(Part):
    """Content that another panel takes over."""

    panel: Reference
    kinds: tuple[Identifier, ...] = ()
    languages: tuple[Language, ...] = ()
    sensitivity: Sensitivity | None = None

    @model_validator(mode="after")
    def _choosy(self) -> Self:
        if not (self.kinds or self.languages or self.sensitivity):
            raise ValueError("should name kinds, languages or a sensitivity: it would take over everything")
        return self

    def value(self) -> Route:
        """The domain's route."""
        return Route(
            panel=self.panel,
            kinds=self.kinds,
            languages=self.languages,
            sensitivity=self.sensitivity or "",
        )


def route_mistakes(panel: Panel, panels: Sequence[Panel]) -> Iterator[Mistake]:
    """Routes of a panel to nowhere, or that lead back to it."""
    known = by_reference(panels)
    for number, route in enumerate(panel.routes):
        path = f"routes[{number}].panel"
        if route.panel not in known:
            near = did_you_mean(route.panel, [name for name in known if "@" not in name])
            yield path, f"unknown panel '{route.panel}'{near}"
        elif panel.revision in _reached(known[route.panel], known):
            yield path, f"leads back to {panel.revision}: content could be sent round and round"


def by_reference(panels: Sequence[Panel]) -> dict[str, Panel]:
    """`name` (its highest version) and `name@version` -> panel."""
    rising = sorted(panels, key=lambda panel: panel.version)
    return {panel.name: panel for panel in rising} | {panel.revision: panel for panel in rising}


def _reached(panel: Panel, known: Mapping[str, Panel]) -> set[str]:
    """Revisions of the panel and of all that its routes lead to."""
    found: set[str] = set()
    left = [panel]
    while left:
        each = left.pop()
        if each.revision not in found:
            found.add(each.revision)
            left += [known[route.panel] for route in each.routes if route.panel in known]
    return found
