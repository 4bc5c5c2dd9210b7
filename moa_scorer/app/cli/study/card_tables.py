"""The tables of `moa-scorer card`: judges, and panels by cost and quality."""

import math
from collections.abc import Callable

from rich.table import Table

from moa_scorer.learning.choice.card import JudgeCard, ReportCard
from moa_scorer.learning.choice.card_words import dollars
from moa_scorer.learning.choice.selection import BEST, EVERYONE, SUGGESTED, Selection
from moa_scorer.learning.choice.worth import Mean

NOT_KNOWN = "–"


def judges_table(card: ReportCard) -> Table:
    """One line a judge, in the card's order; columns that nothing is known of are left out."""
    table = Table(
        box=None,
        pad_edge=False,
        caption="rank: correlation with the ratings, as scored (95 % interval) · strict: mean score less the "
        "people's, on the rating scale · alone: rank correlation of the overall, calibrated, held out · "
        "missed: squared error that all judges have more without it, in % of the ratings' variance · weight: "
        "share of the weights when all answer · others: mean rank correlation with the other judges · "
        "nearest: the judge that agrees with it most",
        caption_justify="left",
    )
    cells = [(name, [cell(one) for one in card.judges]) for name, cell in _CELLS.items()]
    shown = [(name, column) for name, column in cells if set(column) != {NOT_KNOWN}]
    for name, _ in shown:
        table.add_column(name, justify="left" if name in _WORDS else "right")
    for row in zip(*(column for _, column in shown), strict=True):
        table.add_row(*row)
    return table


def frontier_table(selection: Selection, scale: float) -> Table:
    """The panels that nothing beats, the suggested one, the best single judge and all of them."""
    table = Table(
        box=None, pad_edge=False, caption="* nothing costs less and errs less", caption_justify="left"
    )
    for name in ("", "panel", "judges", "cost of 1,000", "error", "rank", "votes"):
        table.add_column(name, justify="left" if name in ("", "panel") else "right")
    shown = [p for p in selection.points if p.efficient or p.name in (SUGGESTED, BEST, EVERYONE)]
    for point in sorted(shown, key=lambda p: (p.cost if p.cost is not None else p.size, -p.error)):
        table.add_row(
            "*" if point.efficient else "",
            point.name,
            f"{point.size:.3g}",
            NOT_KNOWN if point.cost is None else dollars(point.cost),
            f"{scale * point.error:.3f}",
            f"{point.agreement:.3f}",
            NOT_KNOWN if point.votes is None else f"{point.votes:.2f}",
        )
    return table


def _rank(one: JudgeCard) -> str:
    if one.polarity is None:
        return NOT_KNOWN
    p = one.polarity
    return f"{p.correlation:.2f} ({p.lower:.2f} {p.upper:.2f})"


def _signed(mean: Mean | None) -> str:
    return NOT_KNOWN if mean is None else f"{mean.value:+.2f}"


def _number(value: float | None, digits: int = 2) -> str:
    return NOT_KNOWN if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _missed(one: JudgeCard) -> str:
    return f"{100 * one.left_out.value:.1f} ({100 * one.left_out.low:.1f} {100 * one.left_out.high:.1f})"


def _abstained(one: JudgeCard) -> str:
    found = [f"{reason.replace('_', ' ')} {share:.1%}" for reason, share in one.abstentions.items()]
    return ", ".join(found) or NOT_KNOWN


_WORDS = ("judge", "nearest", "abstained")
_CELLS: dict[str, Callable[[JudgeCard], str]] = {
    "judge": lambda one: f"{one.judge} (reversed)" if one.reversed else one.judge,
    "rank": _rank,
    "strict": lambda one: _signed(one.severity),
    "spread": lambda one: _number(one.spread),
    "alone": lambda one: _number(one.agreement, 3),
    "missed": _missed,
    "weight": lambda one: _number(one.weight),
    "others": lambda one: _number(one.others),
    "nearest": lambda one: one.nearest or NOT_KNOWN,
    "itself": lambda one: _number(one.consistency),
    "abstained": _abstained,
    "cost of 1,000": lambda one: NOT_KNOWN if one.micro_usd is None else dollars(one.micro_usd),
    "seconds": lambda one: _number(one.seconds),
}
