"""How the demo's tables look."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from moa_scorer.client import Ballot, NotScored, Result, Scored

console = Console(highlight=False, width=None if Console().is_terminal else 128)


def heading(letter: str, title: str, explanation: str) -> None:
    """One of the demo's four parts."""
    console.print()
    console.rule(Text(f"({letter}) {title}", style="bold"), align="left")
    console.print(explanation, style="dim", markup=False)


def table(*columns: str) -> Table:
    """A table whose columns are right-aligned when their name starts with `>`."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left")
    return made


def score_of(result: Result) -> str:
    """The overall score with its interval, or why there is none."""
    if isinstance(result.outcome, Scored):
        interval = result.outcome.interval
        span = f"  [{interval.lower:.2f}, {interval.upper:.2f}]" if interval else ""
        return f"{result.outcome.score:.3f}{span}"
    return "unscored"


def certificate_of(result: Result) -> str:
    """The certificate's status in capitals, or the reason for having no score."""
    if isinstance(result.outcome, Scored):
        return result.outcome.certificate.upper()
    return result.outcome.reason if isinstance(result.outcome, NotScored) else "?"


def quote_of(result: Result, width: int = 44, masked: bool = False) -> str:
    """One quote that the score rests on: for a low score the harshest judge's, else the kindest's."""
    low = isinstance(result.outcome, Scored) and result.outcome.score < 0.5
    wanted, sign = ("against", 1) if low else ("for", -1)
    spans = sorted(
        ((e.polarity != wanted, sign * _verdict(b), b.judge, e) for b in result.ballots for e in b.evidence),
        key=lambda found: found[:3],
    )
    if not spans:
        return "no evidence found"
    _, _, judge, span = spans[0]
    quote = " ".join(span.quote.split())
    quote = mask(quote) if masked else quote
    return f"{judge}: “{quote if len(quote) <= width else quote[: width - 1] + '…'}” {span.note}".strip()


def _verdict(ballot: Ballot) -> float:
    """A judge's first score, which is its own criterion's."""
    return next((a.score for a in ballot.answers if a.score is not None), 0.5)


def mask(text: str) -> str:
    """Every word but its first letter hidden."""
    return " ".join(word[:1] + "·" * (len(word) - 1) for word in text.split())
