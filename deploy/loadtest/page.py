"""One HTML page of a load test: the table, and how the latencies are distributed."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

WIDTH: Final = 560
"""Pixels of the longest bar."""
STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; color: #222 }
table { border-collapse: collapse }
th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #ddd }
th:first-child, td:first-child { text-align: left }
.bar { background: #4a7fb5; height: .9rem; display: inline-block }
.bars td { border: 0; padding: .1rem .5rem; font-variant-numeric: tabular-nums }
"""


def page(
    title: str, lines: Sequence[Sequence[str]], said: str, reports: Mapping[str, Mapping[str, Any]]
) -> str:
    """A page that needs nothing from elsewhere; `reports` are ghz's, by name."""
    histograms = "".join(_histogram(name, report) for name, report in sorted(reports.items()))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{_table(lines)}<p>{escape(said)}</p>{histograms}</html>"
    )


def _table(lines: Sequence[Sequence[str]]) -> str:
    head, *rest = lines
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in rest)
    return f"<table><tr>{cells}</tr>{rows}</table>"


def _histogram(name: str, report: Mapping[str, Any]) -> str:
    buckets = report.get("histogram") or []
    most = max((bucket["count"] for bucket in buckets), default=0)
    if not most:
        return ""
    rows = "".join(
        f"<tr><td>{bucket['mark'] * 1e3:.1f} ms</td><td>{bucket['count']:,}</td>"
        f"<td><span class=bar style='width:{WIDTH * bucket['count'] / most:.0f}px'></span></td></tr>"
        for bucket in buckets
    )
    return f"<h2>{escape(name)}</h2><table class=bars>{rows}</table>"
