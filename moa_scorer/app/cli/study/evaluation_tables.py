"""An evaluation as a person reads it on a terminal."""

import math
from collections.abc import Sequence
from math import ceil
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from moa_scorer.app.cli.console import console_on
from moa_scorer.learning.protocol.findings import AVERAGE, PANEL, Difference, Estimate, Evaluation

ACROSS: Final = 6
"""Figures beside each other: so many fit in 80 characters."""
SHORT: Final = {
    "spearman within documents": "within",
    "recall at 1% false rejects": "recall@1%",
    "recall at 5% false rejects": "recall@5%",
    "width at equal coverage": "width@eq",
}
COLOURS: Final = {True: "green", False: "red", None: ""}


def show(evaluation: Evaluation, console: Console | None = None) -> None:
    """Figures on average, the primary metric by criterion, the panel less each rival, and the advice."""
    out = console or console_on()
    out.print(_headline(evaluation))
    metrics = [m for m in evaluation.metrics if _is_measured(evaluation, m)]
    orders = [m for m in metrics if evaluation.figure(PANEL, AVERAGE, m)]
    across = ceil(len(orders) / ceil(len(orders) / ACROSS))
    for start in range(0, len(orders), across):
        out.print(_figures(evaluation, orders[start : start + across]))
    if len(evaluation.heads) > 2:
        out.print(_by_criterion(evaluation))
    out.print(_differences(evaluation))
    for line in _facts(evaluation):
        out.print(line, style="dim", highlight=False)
    out.print(Text("\n" + evaluation.advice.words + "\n", "bold"))


def _headline(e: Evaluation) -> Text:
    given = "all ratings but a fold's" if e.rated is None else f"{e.rated} rated items"
    times = "" if e.repeats == 1 else f", {e.repeats} times"
    words = f"{e.items} items of {e.groups} groups, {len(e.judges)} judges, {given}{times}"
    return Text(e.study, "bold") + Text(f"  {words}")


def _is_measured(e: Evaluation, metric: str) -> bool:
    return any(f.metric == metric for f in e.figures)


def _figures(e: Evaluation, metrics: Sequence[str]) -> Table:
    title = "on average over criteria" if len(e.criteria) > 1 else e.criteria[0]
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    table.add_column("method", no_wrap=True)
    for metric in metrics:
        table.add_column(SHORT.get(metric, metric), justify="right", no_wrap=True)
    for method in e.methods:
        cells = [_number(e.figure(method, AVERAGE, m)) for m in metrics]
        table.add_row(method, *cells, style="bold" if method == PANEL else "")
    return table


def _by_criterion(e: Evaluation) -> Table:
    heads = [h for h in e.heads if h != AVERAGE]
    table = Table(box=None, pad_edge=False, title=f"{e.primary} by criterion", title_justify="left")
    table.add_column("method", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right", overflow="fold")
    for method in e.methods:
        table.add_row(method, *(_number(e.figure(method, h, e.primary)) for h in heads))
    people = {c.criterion: c.spearman for c in e.ceilings}
    if e.primary == "spearman" and not all(math.isnan(people.get(h, math.nan)) for h in heads):
        table.add_row("one person", *(_plain(people.get(h, math.nan)) for h in heads), style="dim")
    return table


def _differences(e: Evaluation) -> Table:
    title = "the panel less each rival, with 95 % intervals"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    table.add_column("rival", no_wrap=True)
    metrics = [m for m in (e.primary, "rmse") if _is_measured(e, m)]
    for metric in metrics:
        table.add_column(metric, no_wrap=True)
    for method in e.methods:
        found = [e.difference(method, AVERAGE, m) for m in metrics]
        if any(found):
            table.add_row(method, *map(_difference, found))
    return table


def _difference(found: Difference | None) -> Text:
    if found is None:
        return Text("–", "dim")
    e = found.estimate
    return Text(f"{e.value:+.3f}  {e.low:+.3f} … {e.high:+.3f}", COLOURS[found.better])


def _facts(e: Evaluation) -> list[str]:
    votes = "not estimable" if math.isnan(e.votes) else f"{e.votes:.1f} copies of its best judge"
    shares = ", ".join(f"{name} {share:.0%}" for name, share in e.certificates.items())
    told = [f"effective votes: {votes}", f"certificates: {shares}"]
    chosen = e.best.get(next(reversed([h for h in e.heads if h != AVERAGE]), ""), {})
    if chosen:
        told.append("best single judge: " + ", ".join(f"{j} ({s:.0%})" for j, s in list(chosen.items())[:3]))
    return told + [f"note: {note}" for note in e.notes]


def _number(estimate: Estimate | None) -> str:
    return "–" if estimate is None else _plain(estimate.value)


def _plain(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
