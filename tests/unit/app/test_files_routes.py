"""Routes of panels, checked when all panels are known."""

from moa_scorer.app.files.routes import route_mistakes
from moa_scorer.domain.panel import Panel, Route


def panel(name: str, *to: str, version: int = 1) -> Panel:
    return Panel(
        name=name,
        version=version,
        title="",
        judges=("a",),
        quorum=1,
        default_rubric="general",
        routes=tuple(Route(panel=each, kinds=("story",)) for each in to),
    )


def mistakes(first: Panel, *others: Panel) -> list[tuple[str, str]]:
    return list(route_mistakes(first, (first, *others)))


def test_a_route_leads_to_a_panel_that_exists_by_name_or_version() -> None:
    assert mistakes(panel("main", "stories", "stories@2"), panel("stories", version=2)) == []


def test_a_route_to_nowhere_is_told_with_the_nearest_name() -> None:
    found = mistakes(panel("main", "storys"), panel("stories"))
    assert found == [("routes[0].panel", "unknown panel 'storys'; did you mean 'stories'?")]


def test_a_panel_that_routes_to_itself_or_in_a_circle_is_told() -> None:
    words = "leads back to main@1: content could be sent round and round"
    assert mistakes(panel("main", "main")) == [("routes[0].panel", words)]
    assert mistakes(panel("main", "b"), panel("b", "c"), panel("c", "main")) == [("routes[0].panel", words)]


def test_a_circle_of_other_panels_is_not_this_ones_mistake() -> None:
    assert mistakes(panel("main", "b"), panel("b", "c"), panel("c", "b")) == []
