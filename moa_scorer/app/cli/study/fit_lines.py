"""A fit as a person reads of it: first what may be wrong, then figures, then what to do."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import Final

from rich.table import Table

from moa_scorer.aggregation.own import is_own
from moa_scorer.app.cli.console import console_on
from moa_scorer.calibration.snapshot import LINE_FROM, STACK_FROM, Stage
from moa_scorer.calibration.table import is_measure
from moa_scorer.learning.fitting.cross_check import HeldOut
from moa_scorer.learning.fitting.fitted_study import FittedStudy

STAGES: Final = {
    Stage.OFFSET: "only the judges' mean is moved to the raters': no interval, an ordering only",
    Stage.LINE: "straight curves, and a wide interval that holds with 90 % confidence",
    Stage.STACK: "curves and weights of judges, and an interval",
}
SHOWN: Final = 12
"""Names in a list before it is cut."""


def show(fitted: FittedStudy, file: Path, read: str = "") -> None:
    """Prints all of it on stdout; `read` is the table with its columns, as `reconcile` takes them."""
    console = console_on(highlight=False)
    snapshot = fitted.snapshot
    console.print(f"[bold]{snapshot.revision}[/bold]")
    for line in warnings(fitted):
        console.print(f"[yellow]{line}[/yellow]", soft_wrap=True)
    for line in basis(fitted):
        console.print(line, soft_wrap=True)
    if fitted.check is not None:
        console.print(_figures(fitted.check.heads))
    for line in (*worth(fitted), *left_out(fitted), *next_steps(fitted, file, read)):
        console.print(line, soft_wrap=True)


def warnings(fitted: FittedStudy) -> Iterator[str]:
    """What a person should look at before anything else."""
    snapshot = fitted.snapshot
    findings = [n for n in snapshot.provenance.notes if n not in fitted.study.notes]
    yield from findings[:SHOWN]
    if len(findings) > SHOWN:
        yield f"and {len(findings) - SHOWN} more like these: moa-scorer card names every judge's direction"
    if snapshot.items < LINE_FROM:
        yield f"{snapshot.items} rated items are too few for weights and intervals: at least {LINE_FROM}."
    elif snapshot.items < STACK_FROM:
        yield f"{snapshot.items} rated items: intervals are wide before there are {STACK_FROM}."


def basis(fitted: FittedStudy) -> Iterator[str]:
    """What the fit rests on."""
    snapshot = fitted.snapshot
    people = f"{fitted.raters} raters, " if fitted.raters else ""
    yield (
        f"rests on {snapshot.items} items of {snapshot.groups} groups, {people}"
        f"{snapshot.raters:.1f} ratings an item; {len(fitted.study.judges)} judges"
    )
    yield f"stage      {snapshot.stage.value}: {STAGES[snapshot.stage]}"
    yield f"holds for  kind {', '.join(snapshot.kinds)}, language {', '.join(snapshot.languages) or 'any'}"
    seen = [j for j, s in fitted.study.scales.items() if not s.declared]
    if seen:
        yield f"scales     taken as the scores look, as nobody declared them: {_scales(fitted, seen)}"
    if fitted.severe > 0:
        yield f"severity   taken off the ratings; raters differ by up to {fitted.severe:.2f}"


def worth(fitted: FittedStudy) -> Iterator[str]:
    """What the panel is worth, and what more ratings would bring."""
    check = fitted.check
    if check is None:
        yield f"no figures on unseen items: {fitted.unchecked}"
    if fitted.votes is None:
        yield f"effective votes: not estimable; {fitted.without_votes}"
    else:
        yield f"effective votes: the judges together are worth {fitted.votes:.1f} of the best of them"
    if check is None:
        return
    if idle := [h.head for h in check.heads if not h.rmse < h.constant]:
        yield f"no better than the raters' mean on unseen items: {_listed(idle)}"
    full = check.heads[-1].rmse
    if math.isnan(check.doubled):
        yield "more ratings: too few items to see how the error falls"
    elif check.doubled < 0.995 * full:
        share = 1 - check.doubled / full
        yield (
            f"more ratings: {fitted.snapshot.items} more would lower the error by about {share:.0%}, "
            "judging by fits on half of these"
        )
    else:
        yield "more ratings: would hardly lower the error, judging by fits on half of these"


def left_out(fitted: FittedStudy) -> Iterator[str]:
    """What was read and not used."""
    dropped = [c for c in fitted.snapshot.provenance.dropped if not is_measure(c)]
    if dropped:
        yield f"left out: judges' columns that are constant or all but empty: {_listed(dropped)}"
    if fitted.audits:
        yield f"left out: {fitted.audits} audits, kept for the gate that compares snapshots"
    for note in fitted.study.notes:
        yield f"note: {note}"


def next_steps(fitted: FittedStudy, file: Path, read: str = "") -> Iterator[str]:
    """Where the file is, and what it is good for."""
    kind, here = quote(fitted.snapshot.kinds[0]), quote(str(file))
    yield f"written to {file}"
    if is_own(fitted.snapshot):
        yield f"use it     moa-scorer reconcile {read or 'ballots.jsonl'} --snapshot {here} --kind {kind}"
    promote = f"moa-scorer snapshots promote DATA --candidate {here}"
    yield f"serve it   {promote} --shelf CATALOG_DIR/snapshots --who YOU"


def _figures(heads: Sequence[HeldOut]) -> Table:
    table = Table(box=None, pad_edge=False, title="on items of groups that the fit had not seen")
    table.title_justify = "left"
    table.add_column("criterion", no_wrap=True)
    for heading in ("Spearman", "RMSE", "the mean's", "coverage", "width", "certified"):
        table.add_column(heading, justify="right", no_wrap=True)
    for head in heads if len(heads) > 2 else heads[:1]:
        table.add_row(
            head.head,
            *(_number(x, 3) for x in (head.spearman, head.rmse, head.constant, head.coverage, head.width)),
            f"{head.certified:.0%}",
        )
    return table


def _number(value: float, digits: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _scales(fitted: FittedStudy, judges: Sequence[str]) -> str:
    by_ends: dict[str, list[str]] = {}
    for judge in judges:
        scale = fitted.study.scales[judge]
        by_ends.setdefault(f"{scale.low:g} to {scale.high:g}", []).append(judge)
    if len(by_ends) == 1:
        return next(iter(by_ends))
    return "; ".join(f"{ends} of {_listed(own)}" for ends, own in by_ends.items())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
