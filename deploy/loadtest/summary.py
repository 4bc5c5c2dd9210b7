"""What the profiles came to, each beside the bare baseline of the same run."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.loadtest.rows import PERCENTILES, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Of one profile."""

    profile: str
    product: Row
    bare: Row | None
    """The same load on a bare server; None = was not asked for."""
    faults: Sequence[str]
    """In words."""


def ratios(product: Row, bare: Row) -> str:
    """The product beside the baseline, in words."""
    if not _comparable(product, bare):
        return "no ratio: the baseline gave no figures"
    rate, middle, tail = _ratios(product, bare)
    return f"beside the bare baseline: {rate} its calls/s, p50 {middle}, p99 {tail}"


def summary(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """A head and a line a profile, for a table of any form."""
    tails = [f"p{p} ms" for p in PERCENTILES]
    counted = ["calls", "calls/s", *tails, "errors", "unscored", "hits"]
    head = ["profile", *counted, "calls/s to bare", "p50 to bare", "p99 to bare", "limits"]
    return [head, *(_line(outcome) for outcome in outcomes)]


def _line(outcome: Outcome) -> list[str]:
    row, bare = outcome.product, outcome.bare
    beside = _ratios(row, bare) if bare and _comparable(row, bare) else ["-"] * 3
    return [
        *(outcome.profile, f"{row.calls:,}", f"{row.rate:.0f}"),
        *(f"{row.latency[p]:.1f}" if p in row.latency else "-" for p in PERCENTILES),
        *(str(n) for n in (row.errors, row.unscored, row.hits)),
        *beside,
        "missed" if outcome.faults else "kept",
    ]


def _comparable(product: Row, bare: Row) -> bool:
    return bool(bare.rate and 99 in bare.latency and 99 in product.latency)


def _ratios(product: Row, bare: Row) -> list[str]:
    rate = product.rate / bare.rate
    return [f"{rate:.2f} x", *(f"{product.latency[p] / bare.latency[p]:.2f} x" for p in (50, 99))]
