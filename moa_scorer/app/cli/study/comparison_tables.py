"""A comparison as a person reads it on a terminal."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from moa_scorer.app.cli.console import console_on, whole
from moa_scorer.app.cli.study.evaluation_tables import COLOURS
from moa_scorer.learning.protocol.comparison import A, B, Comparison, Flip
from moa_scorer.learning.protocol.findings import AVERAGE

SHOWN: Final = 10
"""Flipped decisions that are listed: those with the largest change."""


def show(found: Comparison, console: Console | None = None) -> None:
    """Every figure of both with the paired difference, then the decisions that flip, then words."""
    out = console or console_on()
    out.print(Text(found.study, "bold") + Text(f"  {found.items} items\nA  {found.a}\nB  {found.b}"))
    out.print(_figures(found))
    for threshold in found.thresholds:
        flips = sorted(found.flips_at(threshold), key=lambda f: -abs(f.b - f.a))
        if flips:
            out.print(_flips(flips, f"decisions that flip at {threshold:g} ({found.head})"))
    for note in found.notes:
        out.print(f"note: {note}", style="yellow", highlight=False)
    out.print(Text(f"\n{found.words}\n", "bold"))


def _figures(found: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, title="on average over criteria", title_justify="left")
    for heading in ("figure", "A", "B", "B less A", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "figure" else "right", no_wrap=True)
    values = {(m.method, m.metric): m.estimate.value for m in found.figures if m.criterion == AVERAGE}
    for gap in found.differences:
        if gap.criterion == AVERAGE:
            e = gap.estimate
            table.add_row(
                gap.metric,
                f"{values[A, gap.metric]:.3f}",
                f"{values[B, gap.metric]:.3f}",
                Text(f"{e.value:+.3f}", COLOURS[gap.better]),
                Text(f"{e.low:+.3f} … {e.high:+.3f}", COLOURS[gap.better]),
            )
    return table


def _flips(flips: list[Flip], title: str) -> Table:
    more = f", {SHOWN} of {len(flips)}" if len(flips) > SHOWN else ""
    table = Table(box=None, pad_edge=False, title=title + more, title_justify="left")
    for heading in ("item", "people", "A", "B", "people are with"):
        table.add_column(heading, justify="left" if heading == "item" else "right")
    for f in flips[:SHOWN]:
        table.add_row(f.item, f"{f.human:.3f}", f"{f.a:.3f}", f"{f.b:.3f}", "B" if f.with_people else "A")
    return whole(table, "item")
