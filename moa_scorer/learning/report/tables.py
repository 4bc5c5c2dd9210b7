"""The tables of a report as rows of words: headline figures, methods, criteria, judges, provenance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from moa_scorer.learning.choice.card import JudgeCard
from moa_scorer.learning.protocol.findings import AVERAGE, BEST, PANEL, Ceiling, Estimate
from moa_scorer.learning.report.found import Found
from moa_scorer.learning.report.words import (
    UNKNOWN,
    figure,
    heading,
    interval,
    listed,
    metric_name,
    percent,
    plural,
    scaled,
    signed,
)

MOST_JUDGES = 40
"""Rows of the table of judges; with more the last are left out, and it is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One large figure."""

    name: str
    value: str
    detail: str
    """What stands beneath it, such as its interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of words; the first cell of a row is its name."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reading: str
    """What to read off it, in a sentence."""


def headlines(found: Found) -> tuple[Headline, ...]:
    """What a reader looks for first."""
    evaluation, head, metric = found.evaluation, found.head, found.evaluation.primary
    panel, best = (found.figure(m, head, metric) for m in (PANEL, BEST))
    gap = evaluation.difference(BEST, head, metric)
    return (
        Headline(
            name=f"{metric_name(metric)} of the panel",
            value=figure(panel.value if panel else None, 3),
            detail=interval(panel, 3),
        ),
        Headline(
            name="best single judge",
            value=figure(best.value if best else None, 3),
            detail=evaluation.advice.judge,
        ),
        Headline(
            name="difference",
            value=signed(gap.estimate.value if gap else None),
            detail=interval(gap.estimate, 3) if gap else "",
        ),
        _ceiling_headline(found),
        _coverage_headline(found),
        _votes_headline(found),
    )


def _ceiling_headline(found: Found) -> Headline:
    known = [c for c in found.evaluation.ceilings if c.criterion == found.head or c.criterion == found.whole]
    value = known[0].spearman if known else math.nan
    detail = (
        "one person, by the others"
        if math.isfinite(value)
        else "single ratings are not known or barely agree"
    )
    return Headline(name="people among themselves", value=figure(value, 3), detail=detail)


def _coverage_headline(found: Found) -> Headline:
    held = found.figure(PANEL, found.whole, "coverage")
    width = scaled(found.figure(PANEL, found.whole, "width"), found.scale[1] - found.scale[0])
    wide = f"mean width {figure(width.value)} on the scale {_scale(found)}" if width else ""
    return Headline(
        name="90 % intervals that hold", value=percent(held.value if held else None, 1), detail=wide
    )


def _votes_headline(found: Found) -> Headline:
    votes = found.evaluation.votes
    detail = f"from {plural(len(found.evaluation.judges), 'judge')}"
    if math.isnan(votes):
        detail = "cannot be estimated from these ratings"
    return Headline(name="effective votes", value=figure(votes, 1), detail=detail)


def _scale(found: Found) -> str:
    return f"{found.scale[0]:g} to {found.scale[1]:g}"


def methods_table(found: Found) -> Table:
    """Every method beside the panel in the figures that matter."""
    metrics = [m for m in _COLUMNS if found.figure(PANEL, found.head, m) is not None]
    length = found.scale[1] - found.scale[0]
    rows = tuple(
        (method, *(_cell(found.figure(method, found.head, m), m, length) for m in metrics))
        for method in found.evaluation.methods
    )
    return Table(
        title=f"Every method, {heading(found.head)}",
        head=("method", *map(metric_name, metrics)),
        rows=rows,
        reading=f"All were given the same ratings; errors and widths are on the scale {_scale(found)}.",
    )


_COLUMNS = (
    "spearman",
    "kendall",
    "accuracy",
    "kappa",
    "auc",
    "rmse",
    "brier",
    "ece",
    "qwk",
    "coverage",
    "width",
)
_LENGTHS = frozenset({"rmse", "mae", "width"})


def _cell(estimate: Estimate | None, metric: str, length: float) -> str:
    shown = scaled(estimate, length) if metric in _LENGTHS else estimate
    return figure(shown.value if shown else None, 3)


def criteria_table(found: Found) -> Table:
    """The panel and its best rival on every criterion, beside what people reach."""
    length = found.scale[1] - found.scale[0]
    people = {c.criterion: c for c in found.evaluation.ceilings}
    heads = [h for h in found.evaluation.heads if h != AVERAGE]
    return Table(
        title="The panel on each criterion",
        head=(
            "criterion",
            "Spearman",
            "95 % interval",
            "best judge",
            "difference",
            "RMSE",
            "90 % hold",
            "people",
            "α",
        ),
        rows=tuple(_criterion(found, h, people.get(h), length) for h in heads),
        reading="People: one person's rank correlation with the mean of the others; α is Krippendorff's.",
    )


def _criterion(found: Found, head: str, people: Ceiling | None, length: float) -> tuple[str, ...]:
    panel, best = (found.figure(m, head, "spearman") for m in (PANEL, BEST))
    gap = found.evaluation.difference(BEST, head, "spearman")
    held = found.figure(PANEL, head, "coverage")
    return (
        head,
        figure(panel.value if panel else None, 3),
        interval(panel, 3),
        figure(best.value if best else None, 3),
        _gap(gap.estimate.value if gap else None, gap.better if gap else None),
        _cell(found.figure(PANEL, head, "rmse"), "rmse", length),
        percent(held.value if held else None),
        figure(people.spearman if people else None),
        figure(people.alpha if people else None),
    )


def _gap(value: float | None, better: bool | None) -> str:
    mark = {True: " better", False: " worse", None: ""}[better]
    return f"{signed(value)}{mark}"


def judges_table(found: Found) -> Table | None:
    """The report cards; None where there are none."""
    if found.card is None:
        return None
    cards = found.card.judges
    suggested = set(found.card.selection.panel)
    rows = [_card(k, c, suggested) for k, c in enumerate(cards[:MOST_JUDGES], start=1)]
    kept = _known_columns(_CARD, rows)
    cut = f" The last {len(cards) - MOST_JUDGES} judges are left out." if len(cards) > MOST_JUDGES else ""
    return Table(
        title="Report cards of the judges",
        head=tuple(_CARD[k] for k in kept),
        rows=tuple(tuple(row[k] for k in kept) for row in rows),
        reading=f"{_CARD_WORDS}{cut}",
    )


_CARD = (
    "judge",
    "agrees",
    "severity",
    "spread",
    "like",
    "self",
    "answers",
    "cost",
    "seconds",
    "weight",
    "takes away",
    "95 % interval",
)
_CARD_WORDS = (
    "Agrees: Spearman with people after calibration. Severity: its scores less people's, on their scale. "
    "Like, self: mean correlation with all other judges, with its own other prompts. Cost: millionths of a "
    "dollar. Takes away: share of squared error that the suggested panel (names marked *) owes or would owe "
    "to it. Names marked ⇅ score the other way round."
)


def _card(number: int, card: JudgeCard, suggested: set[str]) -> tuple[str, ...]:
    marks = ("*" if card.judge in suggested else "") + ("⇅" if card.reversed else "")
    return (
        f"{number} {card.judge} {marks}".rstrip(),
        figure(card.agreement),
        signed(card.severity.value if card.severity else None, 2),
        figure(card.spread),
        figure(card.others),
        figure(card.consistency),
        percent(card.answered),
        UNKNOWN if card.micro_usd is None else f"{card.micro_usd:,.0f}",
        UNKNOWN if card.seconds is None else f"{card.seconds:.1f}",
        percent(card.weight),
        percent(card.added.value, 1),
        f"{figure(100 * card.added.low, 1)} to {figure(100 * card.added.high, 1)}",
    )


def _known_columns(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[int]:
    """Positions of the columns in which at least one row has something."""
    return [k for k in range(len(head)) if any(row[k] != UNKNOWN for row in rows)]


def certificates(found: Found) -> tuple[tuple[str, str], ...]:
    """(certificate, share of the verdicts), most frequent first."""
    shares = sorted(found.evaluation.certificates.items(), key=lambda c: (-c[1], c[0]))
    return tuple((name.replace("_", " "), percent(share, 1)) for name, share in shares)


def provenance(found: Found) -> tuple[tuple[str, str], ...]:
    """What makes the figures: data, splits, seed, code, snapshot."""
    evaluation = found.evaluation
    rated = "grouped five-fold" if evaluation.rated is None else f"{evaluation.rated} rated items a fit"
    rows = [
        ("study", f"{evaluation.study}: {_size(found)}"),
        ("criteria", ", ".join(evaluation.criteria)),
        ("protocol", f"{rated}, {plural(evaluation.repeats, 'repeat')}, seed {evaluation.seed}"),
        *((f"sha256 of {name}", digest) for name, digest in sorted(evaluation.digests.items())),
        *_snapshot(found),
        ("version", listed(sorted({v for v in (found.version, evaluation.code) if v})) or UNKNOWN),
        ("command", found.command or UNKNOWN),
    ]
    return (*rows, *(("left out", note) for note in evaluation.notes))


def _size(found: Found) -> str:
    e = found.evaluation
    return (
        f"{plural(e.items, 'item')}, {plural(e.groups, 'source document')}, {plural(len(e.judges), 'judge')}"
    )


def _snapshot(found: Found) -> Sequence[tuple[str, str]]:
    snapshot = found.snapshot
    if snapshot is None:
        return ()
    made = snapshot.provenance
    return (
        (
            "snapshot",
            f"{snapshot.revision}, {plural(snapshot.items, 'rated item')}, stage {snapshot.stage.value}",
        ),
        ("its digest", snapshot.digest),
        ("its ratings", made.ratings or UNKNOWN),
        ("made", f"{made.created or UNKNOWN} by version {made.code or UNKNOWN}, seed {made.seed}"),
        *(("said of it", note) for note in made.notes),
    )
