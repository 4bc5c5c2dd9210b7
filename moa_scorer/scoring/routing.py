"""Which panel takes an item: the routes of the one that was asked for, in order."""

from moa_scorer.domain.content import Content
from moa_scorer.domain.panel import Panel, Route
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.measures.language import detect
from moa_scorer.scoring.catalog import Catalog


def routed(request: ScoreRequest, catalog: Catalog) -> Panel:
    """The panel that is asked: the one named, or where its routes lead; raises NotFound.

    The panel that a route names is entered by its own routes. Configuration has no circles.
    """
    panel = catalog.panel(request.tenant, request.panel)
    while (route := _fitting(panel, request)) is not None:
        panel = catalog.panel(request.tenant, route.panel)
    return panel


def _fitting(panel: Panel, request: ScoreRequest) -> Route | None:
    """The first route that fits; None = the panel keeps the item."""
    return next((route for route in panel.routes if fits(route, request)), None)


def fits(route: Route, request: ScoreRequest) -> bool:
    """Whether everything that the route sets holds."""
    return (
        (not route.kinds or request.content.kind in route.kinds)
        and (not route.sensitivity or request.sensitivity == route.sensitivity)
        and (not route.languages or language_of(request.content) in route.languages)
    )


def language_of(content: Content) -> str:
    """The declared language, else the detected one."""
    return content.language or detect(content.text).language
