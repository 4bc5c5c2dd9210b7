"""Results as a person reads them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from moa_scorer.app.cli.ballot_tables import abstentions, dollars, judges, quotes
from moa_scorer.app.cli.console import console_on
from moa_scorer.app.cli.marks import marked, visible
from moa_scorer.app.cli.score.scorers import Outcome
from moa_scorer.client import Criterion, Interval, NotScored, Plan, PlannedLayer, Result, Scored

BAR: Final = 20
WIDTHS: Final = (5, 12, 5, 11, 14, 8)
"""Of the columns before the text, in characters."""
KEPT: Final = 2
"""The first of them, which are never cut."""
CERTIFICATES: Final = {"valid": "green", "out_of_domain": "yellow", "out_of_support": "yellow"}
DECISIONS: Final = {"accept": "green", "review": "yellow", "reject": "red"}


class Tables:
    """Writes each outcome to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, outcome: Outcome) -> None:
        """One text in full."""
        if outcome.result is not None and outcome.line.item is not None:
            self._console.print(detailed(outcome.result, outcome.line.item.text))


class Rows(Tables):
    """One line for each outcome, as they come, in fixed columns."""

    def write(self, outcome: Outcome) -> None:
        self.line(*_cells(outcome), _beginning(outcome))

    def line(self, *cells: Text) -> None:
        """Prints one row; the line and the id are whole, the text is cut to the terminal's width."""
        row = Text()
        for place, (cell, width) in enumerate(zip(cells, WIDTHS, strict=False)):
            known = max(width, cell.cell_len) if place < KEPT else width
            cell.truncate(known, overflow="ellipsis", pad=True)
            row.append_text(cell).append(" ")
        self._console.print(row.append_text(cells[-1]), no_wrap=True, overflow="ellipsis")


@contextmanager
def details(out: IO[str]) -> Iterator[Tables]:
    """Everything about one text."""
    yield Tables(console_on(out))


@contextmanager
def rows(out: IO[str]) -> Iterator[Tables]:
    """A row for each of many texts, under a heading."""
    table = Rows(console_on(out))
    headings = ("line", "id", "score", "interval", "certificate", "decision", "text")
    table.line(*(Text(heading, "bold") for heading in headings))
    yield table


def _cells(outcome: Outcome) -> tuple[Text, ...]:
    item, result = outcome.line.item, outcome.result
    where = (Text(str(outcome.line.number)), Text(visible(item.id) if item else ""))
    if result is None:
        return (*where, Text("–", "red"), Text(), Text("rejected", "red"), Text())
    decision = Text(result.decision, DECISIONS.get(result.decision, ""))
    if isinstance(result.outcome, Scored):
        numbers = (Text(f"{result.outcome.score:.3f}"), Text(_interval(result.outcome.interval)))
        return (*where, *numbers, certificate(result.outcome), decision)
    return (*where, Text("–", "yellow"), Text(), Text(result.completion, "yellow"), decision)


def _beginning(outcome: Outcome) -> Text:
    if outcome.result is None:
        return Text(visible(outcome.mistake), "red")
    text = outcome.line.item.text if outcome.line.item else ""
    return Text(" ".join(visible(text[:400]).split()), "dim")


def detailed(result: Result, text: str) -> Group:
    """A result in full: score, criteria, judges, the marked text, the rationale."""
    parts: list[RenderableType] = [_headline(result)]
    if isinstance(result.outcome, Scored):
        parts += [Text(result.outcome.certificate_detail, "dim"), "", _criteria(result.outcome)]
    elif isinstance(result.outcome, NotScored) and not result.ballots:
        parts += [abstentions(result.outcome.abstentions)]
    if result.ballots:
        evidence = [span for ballot in result.ballots for span in ballot.evidence]
        parts += ["", judges(result.ballots), "", Padding(marked(text, evidence), (0, 2), expand=False)]
        parts += ["", quotes(result.ballots)] if evidence else []
    if result.rationale:
        parts += ["", Text("why  ", "bold") + Text(visible(result.rationale))]
    if result.plan is not None:
        parts += ["", Text("plan  ", "bold") + Text(visible(_planned(result.plan)))]
    asked = " · ".join(name for name in (result.panel, result.rubric, result.policy, result.snapshot) if name)
    took = f"{result.answered} of {result.planned} judges" + (
        f" · {dollars(result.cost)}" if result.cost else ""
    )
    parts += ["", Text(f"{asked} · {took} · {result.ruler[:19]}…", "dim")]
    return Group(*parts)


def _planned(plan: Plan) -> str:
    """Who was to be asked, layer after layer, with what it was expected to take."""
    return " → ".join(_planned_layer(layer) for layer in plan.layers if layer.judges)


def _planned_layer(layer: PlannedLayer) -> str:
    money = f", at most {dollars(layer.most_cost)}" if layer.most_cost else ""
    seconds = f"about {layer.expected_seconds:.2f} s of {layer.budget:.2f} s"
    return f"{', '.join(layer.judges)} ({seconds}{money})"


def _headline(result: Result) -> Text:
    line = Text()
    if isinstance(result.outcome, Scored):
        line.append(f"{result.outcome.score:.3f}", "bold").append("  ").append_text(bar(result.outcome.score))
        line.append(f"  {_interval(result.outcome.interval)}").append("  ")
        line.append_text(certificate(result.outcome))
    elif isinstance(result.outcome, NotScored):
        line.append(f"unscored: {result.outcome.reason}", "bold yellow")
    if result.decision != "none":
        line.append("  →  ").append(result.decision.upper(), f"bold {DECISIONS.get(result.decision, '')}")
        line.append(f" ({result.rule})", "dim")
    if result.completion == "partial":
        line.append("  partial", "yellow")
    if result.degraded:
        line.append(f"\ndegraded: {visible(result.degraded)}", "yellow")
    return line


def bar(score: float) -> Text:
    """A score in [0, 1] as a bar."""
    filled = round(score * BAR)
    return Text("█" * filled, "cyan") + Text("░" * (BAR - filled), "dim")


def certificate(scored: Scored) -> Text:
    """The certificate's word in its colour."""
    return Text(scored.certificate.upper(), CERTIFICATES.get(scored.certificate, "magenta"))


def _interval(interval: Interval | None) -> str:
    return f"{interval.lower:.2f} – {interval.upper:.2f}" if interval else ""


def _criteria(scored: Scored) -> Table:
    table = Table.grid(padding=(0, 2))
    for criterion in scored.criteria:
        table.add_row(Text(criterion.name), *_criterion_cells(criterion))
    return table


def _criterion_cells(criterion: Criterion) -> tuple[RenderableType, ...]:
    if criterion.score is None:
        why = ", ".join(f"{a.judge}: {a.reason}" for a in criterion.abstentions)
        return (Text("–", "yellow"), Text(f"unscored ({why})", "yellow"), "")
    value = "" if criterion.value is None else f"({criterion.value:.2f} on the rubric's scale)"
    return (
        f"{criterion.score:.3f}",
        bar(criterion.score),
        Text(f"{_interval(criterion.interval)} {value}", "dim"),
    )
