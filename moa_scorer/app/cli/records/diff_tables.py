"""What flips, for people, for a pull request and for machines."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain

import typer
from rich.table import Table

from moa_scorer.app.cli.console import console_on, whole
from moa_scorer.app.cli.exits import say
from moa_scorer.app.cli.records.stored_options import NO_RECORD
from moa_scorer.app.compared import Compared
from moa_scorer.scoring.what_if_tally import Example, WhatIf


def show(compared: Compared, *, as_json: bool, as_markdown: bool = False) -> None:
    """Writes it to standard output in one of three forms; where no record is meant, a hint to stderr."""
    sides = compared.old, compared.new, compared.found
    if as_json:
        typer.echo(as_json_text(*sides))
    elif as_markdown:
        typer.echo(markdown(*sides))
    else:
        print_tables(*sides)
    if not compared.found.records and not compared.found.untold:
        say(NO_RECORD)


def print_tables(old: str, new: str, found: WhatIf) -> None:
    """The counts, the flips, and what could not be told."""
    console = console_on()
    console.print(headline(old, new, found), highlight=False, soft_wrap=True)
    counts = Table(box=None, pad_edge=False)
    for heading in ("before", "after", "records", "share"):
        counts.add_column(heading, justify="right" if heading in ("records", "share") else "left")
    for move in found.moves:
        style = "" if move.before is move.after else "yellow"
        counts.add_row(move.before, move.after, str(move.count), f"{move.share:.1%}", style=style)
    console.print(counts)
    if found.examples:
        flips = Table(box=None, pad_edge=False)
        for heading in ("record", "item", "decision", "score", "rule"):
            flips.add_column(heading)
        for one in found.examples:
            flips.add_row(*_cells(one))
        console.print(whole(flips, "record", "item"))
    for line in untold(found):
        console.print(line, highlight=False, soft_wrap=True)


def markdown(old: str, new: str, found: WhatIf) -> str:
    """A comment on a pull request."""
    counts = (f"| {m.before} | {m.after} | {m.count} | {m.share:.1%} |" for m in found.moves)
    flips = ("| " + " | ".join(_escaped(cell) for cell in _cells(one)) + " |" for one in found.examples)
    parts = [
        f"**{headline(old, new, found)}**",
        "\n".join(chain(("| before | after | records | share |", "| --- | --- | ---: | ---: |"), counts)),
    ]
    if found.examples:
        head = ("| record | item | decision | score | rule |", "| --- | --- | --- | --- | --- |")
        parts.append("\n".join(chain(head, flips)))
    parts += untold(found)
    return "\n\n".join(parts)


def as_json_text(old: str, new: str, found: WhatIf) -> str:
    """Everything."""
    return json.dumps(
        {"old": old, "new": new, **asdict(found), "share_changed": found.share_changed}, indent=2
    )


def headline(old: str, new: str, found: WhatIf) -> str:
    """One sentence."""
    change = "" if not found.mean_change else f"; the scores differ by {found.mean_change:.3f} on average"
    return (
        f"{found.changed} of {found.records} decisions flip ({found.share_changed:.1%}) from {old} to {new}"
        f"{change}."
    )


def untold(found: WhatIf) -> Iterator[str]:
    """Why records are in none of the figures."""
    for why, count in found.untold.items():
        yield f"{count} not compared: {why}."


def _cells(one: Example) -> tuple[str, ...]:
    decision = f"{one.before.decision} → {one.after.decision}"
    return one.record, one.content_id or "-", decision, _scores(one), _rules(one)


def _scores(one: Example) -> str:
    before, after = _score(one.score_before), _score(one.score_after)
    return before if one.score_before == one.score_after else f"{before} → {after}"


def _score(score: float | None) -> str:
    return "unscored" if score is None else f"{score:.3f}"


def _rules(one: Example) -> str:
    return f"{one.before.rule or '-'} → {one.after.rule or '-'}"


def _escaped(cell: str) -> str:
    """What a caller wrote (an id) cannot end a cell or begin markup."""
    return "".join(f"\\{c}" if c in "|*_<>[]`\\" else c for c in cell)
