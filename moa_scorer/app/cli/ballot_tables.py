"""Ballots as a person reads them."""

from collections.abc import Iterator
from itertools import groupby

from rich.table import Table
from rich.text import Text

from moa_scorer.app.cli.marks import STYLES, visible
from moa_scorer.client import Abstention, Answer, Ballot


def judges(ballots: tuple[Ballot, ...]) -> Table:
    """What each judge says, layer by layer, and how it came to say it."""
    table = Table(box=None, pad_edge=False)
    for heading in ("judge", "says", "in words"):
        table.add_column(heading)
    by_layer = groupby(sorted(ballots, key=_layer), _layer)
    layered = len({ballot.layer for ballot in ballots}) > 1
    for layer, cast in by_layer:
        if layered:
            table.add_row(Text(f"layer {layer}", "bold dim"))
        for ballot in cast:
            table.add_row(Text(visible(ballot.judge)), _says(ballot), _words(ballot))
    return table


def _layer(ballot: Ballot) -> int:
    return ballot.layer


def _says(ballot: Ballot) -> Text:
    if ballot.abstention is not None:
        return Text(f"abstains: {ballot.abstention.reason}", "yellow")
    said = [_score(a) for a in ballot.answers if a.score is not None]
    said += [f"{a.criterion} {a.abstention.reason}" for a in ballot.answers if a.abstention is not None]
    return Text("\n".join(said))


def _score(answer: Answer) -> str:
    kind = f" ({answer.kind})" if answer.kind not in ("", "single") else ""
    return f"{answer.criterion} {answer.score:.2f}{kind}"


def _words(ballot: Ballot) -> Text:
    words = ballot.critique if ballot.abstention is None else ballot.abstention.detail
    text = Text(visible(words), "" if ballot.abstention is None else "dim")
    if circumstances := " · ".join(_circumstances(ballot)):
        text.append("\n" if words else "").append(visible(circumstances), "dim")
    return text


def _circumstances(ballot: Ballot) -> Iterator[str]:
    """What came about on the way to the ballot, where a model was asked."""
    if ballot.model:
        yield ballot.model
    if ballot.stand_in:
        yield f"{ballot.stand_in} stood in"
    if ballot.redacted is not None:
        yield f"personal spans not shown: {ballot.redacted}"
    if ballot.read:
        yield "has read " + ", ".join(f"J{n} {judge}" for n, judge in enumerate(ballot.read, start=1))
    if ballot.fabricated:
        yield f"made-up quotes dropped: {ballot.fabricated}"
    if ballot.tamper_risk:
        yield f"tamper risk {ballot.tamper_risk:.2f}"
    if ballot.usage is not None and ballot.usage.calls:
        yield f"{_counted(ballot.usage.calls, 'call')}, {dollars(ballot.usage.cost)}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def dollars(amount: float) -> str:
    """US dollars with as many digits as they need, to the millionth: `$0.02`, `$0.001234`."""
    whole = f"{amount:.6f}".rstrip("0")
    cents = whole.partition(".")[2]
    return f"${whole}{'0' * (2 - len(cents))}"


def quotes(ballots: tuple[Ballot, ...]) -> Table:
    """Every span with who quotes it and what it shows."""
    table = Table.grid(padding=(0, 2))
    for ballot in ballots:
        for span in ballot.evidence:
            style = STYLES.get(span.polarity, "").partition(" ")[0]
            sign = {"for": "+", "against": "−"}.get(span.polarity, "?")
            quote = Text(f"{sign} “{visible(span.quote)}”", style)
            table.add_row(Text(visible(ballot.judge), "dim"), quote, Text(visible(span.note), "dim"))
    return table


def abstentions(given: tuple[Abstention, ...]) -> Table:
    """Who gave no judgment, why, and what to do about it."""
    table = Table.grid(padding=(0, 2))
    for each in given:
        table.add_row(
            Text(visible(each.judge)), Text(each.reason, "yellow"), Text(visible(each.detail), "dim")
        )
    return table
