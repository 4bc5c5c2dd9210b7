"""When the alerts of the shipped rules fired, and whether that was after what they are for."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from tests.dashboards.play import CAUSES
from tests.dashboards.prometheus import COMPRESSION, Prometheus

STEP: Final = 1.0
"""Seconds between two evaluations: by so much an alert may seem to come before its cause."""


def names(rules: Path) -> list[str]:
    """In the order of the rules."""
    groups = yaml.safe_load(rules.read_text())["groups"]
    return [rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule]


def fired(prometheus: Prometheus, start: float, end: float) -> dict[str, float]:
    """Alert -> seconds into the play at which it fired first."""
    found: dict[str, float] = {}
    for labels, points in prometheus.range('ALERTS{alertstate="firing"}', start, end, STEP):
        name, first = labels["alertname"], points[0][0] - start
        found[name] = min(first, found.get(name, first))
    return found


def told(wanted: Sequence[str], fired: Mapping[str, float]) -> list[str]:
    """A line for each of the wanted alerts."""
    return [
        f"alert {name}: fired {abs(fired[name]):.0f} s into the play (durations divided by {COMPRESSION})"
        if name in fired
        else f"alert {name}: did not fire"
        for name in wanted
    ]


def faults(wanted: Sequence[str], fired: Mapping[str, float], phases: Mapping[str, float]) -> Iterator[str]:
    """What is wrong with them; `phases` = name -> seconds into the play at which each began."""
    for name in wanted:
        if name not in CAUSES:
            yield f"no phase of the play is for the alert {name}"
        elif name not in fired:
            yield f"the alert {name} did not fire"
        elif fired[name] < phases[CAUSES[name]] - STEP:
            yield f"the alert {name} fired before the phase '{CAUSES[name]}', which it is for"
