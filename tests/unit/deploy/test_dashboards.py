"""Rules in compressed time, and panels as drawings."""

import json
from pathlib import Path

import pytest
import yaml

from tests.dashboards import alerts
from tests.dashboards.draw import page
from tests.dashboards.panels import Line, Panel, panels
from tests.dashboards.play import CAUSES
from tests.dashboards.prometheus import Prometheus, Series, compressed

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


@pytest.mark.parametrize(
    ("shipped", "here"),
    [
        ("rate(a_total[5m])", "rate(a_total[15s])"),
        ("increase(a_total[1h]) > 50", "increase(a_total[180s]) > 50"),
        ("for: 10m", "for: 30s"),
        ("for: 30s", "for: 2s"),
        ("age_days > 180", "age_days > 180"),
    ],
)
def test_durations_are_divided_and_thresholds_are_not(shipped: str, here: str) -> None:
    assert compressed(shipped) == here


def test_the_compressed_rules_are_the_shipped_ones_otherwise() -> None:
    rules = (DEPLOY / "prometheus" / "rules.yaml").read_text()
    ours, theirs = yaml.safe_load(compressed(rules)), yaml.safe_load(rules)
    assert [r["alert"] for r in ours["groups"][0]["rules"]] == [
        r["alert"] for r in theirs["groups"][0]["rules"]
    ]


class Recorded(Prometheus):
    """Answers every query with one series."""

    def range(self, query: str, start: float, end: float, step: float = 1.0) -> list[Series]:
        assert "$" not in query
        return [({"code": "OK", "judge": "ann"}, [(start, 1.0), (end, float("nan"))])]


def test_every_panel_is_asked_for_without_a_variable_of_grafana_left_in_it() -> None:
    board = DEPLOY / "grafana" / "dashboards" / "scorer.json"
    drawn = list(panels(board, Recorded(port=0), 100.0, 110.0))
    assert len(drawn) > 15
    assert all(line.points == ((0.0, 1.0),) for panel in drawn for line in panel.lines)
    assert drawn[0].lines[0].name == "OK"


def test_a_query_that_comes_to_nothing_is_named_though_its_panel_draws_another(tmp_path: Path) -> None:
    class OneOfTwo(Prometheus):
        def range(self, query: str, start: float, end: float, step: float = 1.0) -> list[Series]:
            return [({}, [(start, 1.0)])] if query == "up" else []

    board = tmp_path / "board.json"
    targets = [{"expr": "up"}, {"expr": "moa_items_shed_total"}]
    board.write_text(json.dumps({"panels": [{"title": "a", "description": "", "targets": targets}]}))
    [panel] = panels(board, OneOfTwo(port=0), 0.0, 1.0)
    assert panel.silent == ("moa_items_shed_total",)
    assert not panel.is_flat


@pytest.mark.parametrize(("value", "flat"), [(0.0, True), (2.0, False)])
def test_a_panel_that_is_zero_from_end_to_end_is_flat(value: float, flat: bool) -> None:
    line = Line(name="n", points=((0.0, 0.0), (1.0, value)))
    assert Panel(title="a", description="", lines=(line,)).is_flat is flat


def test_every_alert_has_a_phase_of_the_play_that_it_is_for() -> None:
    assert sorted(CAUSES) == sorted(alerts.names(DEPLOY / "prometheus" / "rules.yaml"))


@pytest.mark.parametrize(
    ("fired", "said"),
    [
        ({}, ["the alert LedgerDown did not fire"]),
        ({"LedgerDown": 130.0}, []),
        ({"LedgerDown": 60.0}, ["the alert LedgerDown fired before the phase 'uncounted', which it is for"]),
    ],
)
def test_an_alert_has_to_fire_and_not_before_what_it_is_for(fired: dict[str, float], said: list[str]) -> None:
    assert list(alerts.faults(["LedgerDown"], fired, {"healthy": 0.0, "uncounted": 126.0})) == said


def test_a_page_escapes_names_and_says_where_there_is_nothing() -> None:
    lines = (Line(name="<b>", points=((0.0, 1.0), (5.0, 2000.0))),)
    shown = (Panel(title="a", description="", lines=lines), Panel(title="b", description="", lines=()))
    html = page("t", shown, [(0.0, "healthy")], ["alert X: fired"])
    assert "<b>" not in html
    assert "no data" in html
    assert "2k" in html
