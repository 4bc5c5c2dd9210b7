"""Which panel takes an item."""

from dataclasses import replace

import pytest

from moa_scorer.domain.content import Content
from moa_scorer.domain.panel import Route
from moa_scorer.domain.request import ScoreRequest, Sensitivity
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.plan import make_plan
from moa_scorer.scoring.routing import routed
from tests.fakes.judges import five_judges, make_catalog

GERMAN = "Das ist ein deutscher Satz, der lang genug ist, um erkannt zu werden."
ENGLISH = "This is an English sentence that is long enough to be told."


def catalogue(**routes: tuple[Route, ...]) -> Catalog:
    """The panels `main`, `stories`, `german` and `inside`, with these routes."""
    made = make_catalog(five_judges())
    names = ("main", "stories", "german", "inside")
    panels = (replace(made.panels[0], name=name, routes=routes.get(name, ())) for name in names)
    return replace(made, panels=tuple(panels), default_panel="main")


def asks(catalog: Catalog, *, text: str = ENGLISH, language: str = "", kind: str = "", **over: object) -> str:
    content = Content(text=text, language=language, kind=kind)
    return routed(ScoreRequest(content=content, **over), catalog).name  # type: ignore[arg-type]


def test_a_panel_without_routes_keeps_everything() -> None:
    assert asks(catalogue(), kind="story") == "main"


def test_a_kind_goes_to_the_panel_that_is_made_for_it() -> None:
    catalog = catalogue(main=(Route(panel="stories", kinds=("story", "poem")),))
    assert [asks(catalog, kind=kind) for kind in ("story", "poem", "comment", "")] == [
        "stories",
        "stories",
        "main",
        "main",
    ]


@pytest.mark.parametrize(
    ("text", "language", "panel"),
    [(GERMAN, "", "german"), (ENGLISH, "", "main"), (GERMAN, "en", "main"), (ENGLISH, "de", "german")],
)
def test_the_declared_language_counts_and_else_the_detected_one(text: str, language: str, panel: str) -> None:
    catalog = catalogue(main=(Route(panel="german", languages=("de",)),))
    assert asks(catalog, text=text, language=language) == panel


def test_sensitive_content_may_have_a_panel_of_its_own() -> None:
    catalog = catalogue(main=(Route(panel="inside", sensitivity="local_only"),))
    assert asks(catalog, sensitivity=Sensitivity.LOCAL_ONLY) == "inside"
    assert asks(catalog) == "main"


def test_everything_that_a_route_sets_must_hold_and_the_first_that_fits_is_taken() -> None:
    both = Route(panel="german", kinds=("story",), languages=("de",))
    catalog = catalogue(main=(both, Route(panel="stories", kinds=("story",))))
    assert asks(catalog, kind="story", language="de") == "german"
    assert asks(catalog, kind="story", language="en") == "stories"
    assert asks(catalog, kind="comment", language="de") == "main"


def test_a_panel_that_a_route_leads_to_has_routes_of_its_own() -> None:
    catalog = catalogue(
        main=(Route(panel="stories", kinds=("story",)),),
        stories=(Route(panel="german", languages=("de",)),),
    )
    assert asks(catalog, kind="story", language="de") == "german"


def test_a_route_holds_for_a_panel_that_is_asked_for_by_name_and_the_plan_names_who_is_asked() -> None:
    catalog = catalogue(main=(Route(panel="stories@1", kinds=("story",)),))
    request = ScoreRequest(content=Content(text=ENGLISH, kind="story"), panel="main@1")
    assert make_plan(request, catalog).panel.revision == "stories@1"
