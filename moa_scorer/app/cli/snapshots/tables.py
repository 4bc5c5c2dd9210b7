"""Calibration snapshots as a person, or a program, reads them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from moa_scorer.aggregation.own import is_own, own_panel
from moa_scorer.app.cli.console import console_on, whole
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mask_fit import MaskFit
from moa_scorer.calibration.snapshot import OVERALL, Snapshot, Stage
from moa_scorer.calibration.table import Scale, is_measure

STAGES = {
    Stage.OFFSET: "an order only: fewer than 22 items are rated",
    Stage.LINE: "straight curves, intervals that hold with 90 % confidence: fewer than 50 items are rated",
    Stage.STACK: "curves, weights and marginal intervals",
}


def print_list(snapshots: Sequence[Snapshot], *, as_json: bool) -> None:
    """One line each."""
    if as_json:
        typer.echo(json.dumps([summary(s) for s in snapshots], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("snapshot", "kinds", "languages", "items", "raters", "judges", "fitted", "serves"):
        table.add_column(heading)
    for each in map(summary, snapshots):
        table.add_row(
            f"[bold]{each['revision']}[/bold]",
            ", ".join(each["kinds"]),
            ", ".join(each["languages"]) or "any",
            str(each["items"]),
            f"{each['raters']:.3g}",
            str(len(each["judges"])),
            each["created"],
            each["serves"],
        )
    console_on().print(whole(table, "snapshot", "fitted"))


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """What a list says."""
    return {
        "revision": snapshot.revision,
        "digest": snapshot.digest,
        "reversed": list(snapshot.reversed_judges),
        "kinds": list(snapshot.kinds),
        "languages": list(snapshot.languages),
        "items": snapshot.items,
        "groups": snapshot.groups,
        "raters": snapshot.raters,
        "coverage": snapshot.coverage,
        "stage": snapshot.stage.value,
        "judges": list(own_panel(snapshot).judges),
        "created": snapshot.provenance.created,
        "serves": "ballots" if is_own(snapshot) else "content and ballots",
    }


def detail(snapshot: Snapshot) -> dict[str, Any]:
    """What is shown of one: the summary, and what its columns are worth together."""
    fit = _all_present(snapshot)
    origin = snapshot.provenance
    return {
        **summary(snapshot),
        "effective_votes": fit.votes if fit else None,
        "scales": {
            j: {"low": x.low, "high": x.high, "declared": x.declared} for j, x in snapshot.scales.items()
        },
        "metrics": dict(snapshot.metrics),
        "ratings": origin.ratings,
        "seed": origin.seed,
        "code": origin.code,
        "notes": list(origin.notes),
        "dropped": list(origin.dropped),
        "columns": list(_columns(snapshot, fit)),
    }


def print_one(snapshot: Snapshot, *, as_json: bool) -> None:
    """Everything that a person needs to trust it or not, reversed judges first."""
    found = detail(snapshot)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    console = console_on()
    for name, words, style in _lines(snapshot, found):
        console.print(Text(f"{name:<13}", "bold") + Text(words, style), soft_wrap=True)
    console.print()
    console.print(whole(_table(found["columns"]), "column"))


def _lines(snapshot: Snapshot, found: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(heading, words, style)."""
    turned = snapshot.reversed_judges
    words = f"REVERSED, though nobody declared it: {', '.join(turned)}; their curves fall"
    yield (
        "polarity",
        words if turned else "no judge was found to score the other way",
        "red" if turned else "",
    )
    yield "snapshot", f"{found['revision']} · serves {found['serves']}", ""
    where = f"kind {' or '.join(snapshot.kinds)} in {' or '.join(snapshot.languages) or 'any language'}"
    rests = (
        f"{snapshot.items} items of {snapshot.groups} documents, each rated by about {snapshot.raters:.3g}"
    )
    yield "certificate", f"VALID for {where}: {rests} people; {100 * snapshot.coverage:g} % intervals", ""
    yield "stage", STAGES[snapshot.stage], ""
    yield "votes", _votes_words(found), ""
    if snapshot.scales:
        yield "scales", "; ".join(_scale_words(j, s) for j, s in snapshot.scales.items()), ""
    if snapshot.metrics:
        yield "held out", ", ".join(f"{n} {x:.3f}" for n, x in snapshot.metrics.items()), ""
    origin = snapshot.provenance
    yield "fitted", f"{origin.created} by {origin.code}, seed {origin.seed}", ""
    yield "ratings", origin.ratings or "digest not said", ""
    yield "digest", snapshot.digest, "dim"
    for name in ("dropped", "notes"):
        if found[name]:
            yield name, "; ".join(found[name]), ""


def _scale_words(judge: str, scale: Scale) -> str:
    seen = "" if scale.declared else ", as its scores look"
    return f"{judge} from {scale.low:g} (worst) to {scale.high:g}{seen}"


def _votes_words(found: dict[str, Any]) -> str:
    judges, votes = len(found["judges"]), found["effective_votes"]
    if votes is None:
        return f"{judges} judges; how many independent ones they are worth is not estimable"
    return f"{judges} judges are worth {votes:.2f} independent copies of the best of them"


def _all_present(snapshot: Snapshot) -> MaskFit | None:
    if snapshot.stage is Stage.OFFSET:
        return None
    return fit_mask(snapshot, tuple(range(len(snapshot.columns))))


def _columns(snapshot: Snapshot, fit: MaskFit | None) -> Iterator[dict[str, Any]]:
    """Each column with its weight in the overall score where every column is present."""
    weights = {e.column: e.weight for e in fit.heads[OVERALL].effects} if fit else {}
    for k, column in enumerate(snapshot.columns):
        yield {
            "name": column.name,
            "kind": "measure" if is_measure(column.name) else column.kind.value,
            "direction": "falls" if column.falling else "",
            "mean": column.mean,
            "spread": column.spread,
            "missing": column.missing,
            "weight": weights.get(k, 0.0) if fit else None,
        }


def _table(columns: Sequence[dict[str, Any]]) -> Table:
    """The columns, the weightiest first; those without any weight last."""
    table = Table(box=None, pad_edge=False)
    table.add_column("column")
    for heading in ("weight", "kind", "mean", "spread", "missing", ""):
        table.add_column(heading, justify="left" if heading in ("kind", "") else "right")
    for each in sorted(columns, key=lambda c: -(c["weight"] or 0.0)):
        table.add_row(
            each["name"],
            "–" if each["weight"] is None else f"{each['weight']:.3f}",
            each["kind"],
            f"{each['mean']:.3g}",
            f"{each['spread']:.3g}",
            f"{each['missing']:.1%}",
            each["direction"],
        )
    return table
