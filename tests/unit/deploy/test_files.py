"""Deployment files speak of settings, metrics and runbook lines that there are."""

import json
import re
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

from moa_scorer.app.settings import PREFIX, Settings
from moa_scorer.telemetry import metrics

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
TOP_LEVEL = {name.upper() for name in Settings.model_fields}


def declared() -> set[str]:
    names = {family.name for family in REGISTRY.collect() if family.name.startswith("moa_")}
    return names | {f"{name}_{ending}" for name in names for ending in ("total", "bucket", "sum", "count")}


def spoken_of(text: str) -> set[str]:
    return set(re.findall(r"\bmoa_(?!scorer\b)[a-z_]+", text))


def settings_in(text: str) -> set[str]:
    return {name.split("__")[0] for name in re.findall(rf"{PREFIX}([A-Z][A-Z_]*)", text)}


def test_alerts_their_tests_and_dashboards_speak_of_metrics_that_there_are() -> None:
    assert metrics.ITEMS is not None
    for file in ("prometheus/rules.yaml", "prometheus/rules_test.yaml", "grafana/dashboards/scorer.json"):
        assert spoken_of((DEPLOY / file).read_text()) <= declared(), file


def test_every_metric_is_on_the_dashboard_or_in_an_alert() -> None:
    files = ("prometheus/rules.yaml", "grafana/dashboards/scorer.json")
    shown = set.union(*(spoken_of((DEPLOY / file).read_text()) for file in files))
    ends = re.compile(r"_(total|bucket|sum|count)$")
    names = {family.name for family in REGISTRY.collect() if family.name.startswith("moa_")}
    unseen = names - {ends.sub("", name) for name in shown}
    assert unseen == set()


def test_every_alert_has_a_line_in_the_runbook_and_every_line_an_alert() -> None:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert all(rule["annotations"]["runbook"] == rule["alert"] for rule in rules)
    lines = (DEPLOY / "prometheus" / "RUNBOOK.md").read_text().splitlines()
    told = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    assert sorted(told[1:]) == sorted(rule["alert"] for rule in rules)


def test_every_alert_has_a_test_of_when_it_fires() -> None:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text())["groups"]
    tests = yaml.safe_load((DEPLOY / "prometheus" / "rules_test.yaml").read_text())["tests"]
    fired = {t["alertname"] for each in tests for t in each["alert_rule_test"] if t["exp_alerts"]}
    assert fired == {rule["alert"] for group in groups for rule in group["rules"]}


def test_events_of_which_an_alert_must_see_the_first_are_told_from_zero() -> None:
    rules = (DEPLOY / "prometheus" / "rules.yaml").read_text()
    assert set(re.findall(r'increase\(moa_events_total\{event="(\w+)"', rules)) == set(metrics.ONE_IS_ENOUGH)


def test_panels_have_ids_and_places_of_their_own_and_say_what_they_show() -> None:
    panels = json.loads((DEPLOY / "grafana" / "dashboards" / "scorer.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
    assert all(panel["description"] and panel["targets"] for panel in panels)


def test_container_files_name_settings_that_there_are() -> None:
    for file in ("Dockerfile", "compose.yaml", "helm/moa-scorer/templates/deployment.yaml"):
        assert settings_in((DEPLOY / file).read_text()) - {""} <= TOP_LEVEL, file
    values = yaml.safe_load((DEPLOY / "helm" / "moa-scorer" / "values.yaml").read_text())
    assert {name.split("__")[0] for name in values["settings"]} <= TOP_LEVEL


def test_the_dashboard_has_a_description_for_every_panel() -> None:
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "scorer.json").read_text())
    assert len(board["panels"]) >= 12
    assert all(panel["description"] and panel["targets"] for panel in board["panels"])
