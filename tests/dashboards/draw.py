"""Panels as one page of drawings, and a picture of it where there is a browser."""

import shutil
import subprocess
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from tests.dashboards.panels import Line, Panel

WIDTH: Final = 460
HEIGHT: Final = 210
_LEFT: Final = 44
_TOP: Final = 8
_BOTTOM: Final = 22
COLOURS: Final = (
    *("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1"),
    *("#ba43a9", "#705da0", "#508642", "#cca300", "#447ebc", "#c15c17"),
)
_STYLE: Final = """
body {background: #111217; color: #ccccdc; font: 12px sans-serif; margin: 12px}
main {display: grid; grid-template-columns: repeat(3, 480px); gap: 10px}
section {background: #181b1f; border: 1px solid #2c3235; padding: 8px}
h2 {font-size: 13px; margin: 0 0 4px} p {margin: 0; line-height: 1.4}
svg text {fill: #8e8e9a; font-size: 10px}
h1 {font-size: 17px} .alerts {columns: 2; margin-bottom: 10px}
"""


def page(
    title: str, panels: Sequence[Panel], phases: Sequence[tuple[float, str]], fired: Sequence[str]
) -> str:
    """The whole page; phases are (second, name) and are marked in every panel."""
    seconds = max((x for panel in panels for line in panel.lines for x, _ in line.points), default=1.0)
    drawn = "".join(_section(panel, phases, seconds) for panel in panels)
    alerts = "".join(f"<p>{escape(each)}</p>" for each in fired)
    head = f"<meta charset=utf-8><title>{escape(title)}</title><style>{_STYLE}</style>"
    body = f"<h1>{escape(title)}</h1><div class=alerts>{alerts}</div><main>{drawn}</main>"
    return f"<!doctype html>{head}{body}"


def picture(html: Path, into: Path, rows: int) -> bool:
    """A picture of the page; False where no browser is at hand."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        return False
    size = f"--window-size=1500,{rows * 320 + 220}"
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size)
    command = (browser, *flags, f"--screenshot={into}", html.resolve().as_uri())
    return subprocess.run(command, capture_output=True, timeout=60).returncode == 0 and into.is_file()


def _section(panel: Panel, phases: Sequence[tuple[float, str]], seconds: float) -> str:
    most = max((y for line in panel.lines for _, y in line.points), default=0.0) or 1.0
    marks = "".join(_mark(at, name, seconds, n % 2) for n, (at, name) in enumerate(phases))
    lines = "".join(_path(line, n, seconds, most) for n, line in enumerate(panel.lines))
    svg = f'<svg width="{WIDTH}" height="{HEIGHT}">{_axis(most)}{marks}{lines}</svg>'
    legend = " ".join(_entry(line, n) for n, line in enumerate(panel.lines)) or "no data"
    return f"<section><h2>{escape(panel.title)}</h2>{svg}<p>{legend}</p></section>"


def _path(line: Line, number: int, seconds: float, most: float) -> str:
    points = " ".join(f"{_x(x, seconds):.1f},{_y(y, most):.1f}" for x, y in line.points)
    return f'<polyline fill="none" stroke="{_colour(number)}" stroke-width="1.5" points="{points}"/>'


def _axis(most: float) -> str:
    ticks = [most * part for part in (0, 0.5, 1)]
    return "".join(
        f'<line x1="{_LEFT}" x2="{WIDTH}" y1="{_y(y, most)}" y2="{_y(y, most)}" stroke="#2c3235"/>'
        f'<text x="{_LEFT - 4}" y="{_y(y, most) + 4}" text-anchor="end">{_short(y)}</text>'
        for y in ticks
    )


def _mark(at: float, name: str, seconds: float, row: int) -> str:
    x = _x(at, seconds)
    line = f'<line x1="{x}" x2="{x}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}" stroke="#555" stroke-dasharray="3"/>'
    return f'{line}<text x="{x + 2}" y="{HEIGHT - 12 + 10 * row}">{escape(name)}</text>'


def _entry(line: Line, number: int) -> str:
    return f'<span style="color:{_colour(number)}">■</span> {escape(line.name)}'


def _short(value: float) -> str:
    return f"{value / 1000:.3g}k" if value >= 1000 else f"{value:.3g}"


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _x(second: float, seconds: float) -> float:
    return _LEFT + (WIDTH - _LEFT - 4) * second / max(seconds, 1.0)


def _y(value: float, most: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * max(value, 0.0) / most
