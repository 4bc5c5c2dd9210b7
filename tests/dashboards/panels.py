"""The panels of a Grafana dashboard, and what their queries come to."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.dashboards.prometheus import Prometheus, Series

WINDOW = "10s"
"""What `$__rate_interval` is at one scrape a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One series of a panel."""

    name: str
    points: tuple[tuple[float, float], ...]
    """(seconds since the start, value)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel, drawn or empty."""

    title: str
    description: str
    lines: tuple[Line, ...]
    silent: tuple[str, ...] = ()
    """Queries that came to nothing at all."""

    @property
    def is_flat(self) -> bool:
        """Whether whatever there is of it is zero from end to end."""
        return not any(value for line in self.lines for _, value in line.points)


def panels(dashboard: Path, source: Prometheus, start: float, end: float) -> Iterator[Panel]:
    """Every panel with the answers of all its queries; raises ValueError for a query that is refused."""
    for panel in json.loads(dashboard.read_text())["panels"]:
        found = {each["expr"]: list(_lines(each, source, start, end)) for each in panel["targets"]}
        yield Panel(
            title=panel["title"],
            description=panel["description"],
            lines=tuple(line for lines in found.values() for line in lines),
            silent=tuple(query for query, lines in found.items() if not any(line.points for line in lines)),
        )


def _lines(target: dict[str, Any], source: Prometheus, start: float, end: float) -> Iterator[Line]:
    query = target["expr"].replace("$__rate_interval", WINDOW).replace('=~"$panel"', '=~".*"')
    for series in source.range(query, start, end):
        yield _line(target.get("legendFormat", ""), series, start)


def _line(legend: str, series: Series, start: float) -> Line:
    labels, values = series
    name = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match[1], ""), legend)
    points = tuple((at - start, value) for at, value in values if value == value)
    return Line(name=name or ", ".join(labels.values()), points=points)
