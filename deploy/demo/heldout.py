"""Part (b): how good the scores are on texts that people rated and that no fit has seen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from deploy.demo.show import console, heading, mask, table
from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.app.compose import Application
from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import RatedTable
from moa_scorer.client import Client, Item
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.domain.verdict import Scored
from moa_scorer.learning.agreement import human_ceiling, interval, resamples, spearman
from moa_scorer.learning.embedded.splits import read_splits
from moa_scorer.learning.protocol.baselines import best_single, plain_mean, word_count
from moa_scorer.learning.study.ratings import RatedItem, read_ratings
from moa_scorer.learning.study.rows import Rows, ballot_of, read_rows
from moa_scorer.learning.study.table import rated_table, usable_items
from moa_scorer.measures.facts import observe

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
PANEL = "embedded"
RESAMPLES = 400
SEED = 0
MISSES = 5
PERSON = "one person"
"""Stands beside the mean of the others, not of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One fitted rubric and the texts it is shown on."""

    rubric: str
    """Also the kind of content and the name of the file with ballots."""
    files: tuple[str, ...]
    live: int
    """Held-out texts that are scored now, by the server."""
    most: int
    """Held-out texts in all; the rest is fused from the ballots in tests/data/ballots."""
    ceiling: bool = True
    """Whether single raters agree well enough to be compared with."""


KINDS = (
    Kind(rubric="summary", files=("summeval",), live=24, most=320),
    Kind(rubric="story", files=("hanna",), live=16, most=209, ceiling=False),
    Kind(rubric="comment", files=("moderation",), live=32, most=400),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """Held-out texts of one kind with everything they are compared by; arrays run over the same items."""

    kind: Kind
    items: tuple[RatedItem, ...]
    live: int
    human: NDArray[np.float64]
    others: NDArray[np.float64]
    """What everybody but the one person says, on average."""
    scores: Mapping[str, NDArray[np.float64]]
    """Name of the row -> a score an item; the first is the panel's."""
    inside: float
    """Share of valid intervals that hold the people's mean."""
    valid: int
    """Scores with a VALID certificate."""


def show(client: Client, application: Application, *, reveal: bool) -> None:
    """Scores, compares, and shows the five worst misses in full; abusive text only when `reveal`."""
    heading(
        "b",
        "held-out texts that people rated",
        "Texts of the split that no fit has seen. Spearman's rank correlation with the people's mean, 95 %\n"
        "interval over source documents. The best single judge was chosen on the training ratings.",
    )
    shown = [_shown(client, application, kind) for kind in KINDS]
    rows = table("rubric", ">texts", ">scored now", "from", ">Spearman", "95 % interval")
    for one in shown:
        for name, scores in one.scores.items():
            _add(rows.add_row, one, name, scores)
        rows.add_section()
    console.print(rows)
    for one in shown:
        console.print(
            f"{one.kind.rubric}: {one.valid} of {len(one.items)} certificates are VALID; "
            f"{one.inside:.0%} of their 90 % intervals hold the people's mean."
        )
    _worst(shown, reveal=reveal)


def _add(add, one: Shown, name: str, scores: NDArray[np.float64]) -> None:  # type: ignore[no-untyped-def]
    here = ~np.isnan(scores)
    human = one.human if name != PERSON else one.others
    samples = resamples([i.group for i in one.items], RESAMPLES, SEED)

    def rho(index: NDArray[np.intp]) -> float:
        index = index[here[index]]
        return spearman(scores[index], human[index])

    low, high = interval(rho, samples)
    first = name == next(iter(one.scores))
    add(
        one.kind.rubric if first else "",
        str(int(here.sum())),
        str(one.live) if first else "",
        name,
        f"{rho(np.arange(len(scores))):.3f}",
        f"[{low:.3f}, {high:.3f}]",
    )


def _shown(client: Client, application: Application, kind: Kind) -> Shown:
    splits = read_splits(DATA / "splits.json")
    items = [i for name in kind.files for i in read_ratings(DATA / f"{name}.jsonl.gz")]
    rows = read_rows(DATA / "ballots" / f"{kind.rubric}.jsonl.gz")
    judges = application.catalog.panel(DEFAULT_TENANT, PANEL).judges
    rubric = application.catalog.rubric(DEFAULT_TENANT, kind.rubric)
    rated = usable_items(items, rows, rubric, judges)
    held_out = _spread([i for i in rated if splits.is_final(i)], kind.most)
    training = [i for i in rated if not splits.is_final(i)]
    shown, seen = (rated_table(part, rows, rubric, judges, _no_measures) for part in (held_out, training))
    best = best_single(seen, seen.targets[OVERALL])
    now = _now(client, kind, held_out[: kind.live])
    outcomes = {**now, **dict(_fused(application, kind, held_out[kind.live :], rows))}
    score, lower, upper = (np.array(bound) for bound in zip(*(outcomes[i.id] for i in held_out), strict=True))
    human, valid = shown.targets[OVERALL], ~np.isnan(lower)
    one, others = human_ceiling([i.ratings for i in held_out], rubric.weights(), SEED)
    inside = (lower[valid] <= human[valid]) & (human[valid] <= upper[valid])
    return Shown(
        kind=kind,
        items=tuple(held_out),
        live=len(now),
        human=human,
        others=others,
        scores={
            f"panel {PANEL}": score,
            f"best single judge ({seen.columns[best]})": _column(shown, seen.columns[best]),
            "plain mean of the judges": plain_mean(shown),
            "word count": word_count([i.text for i in held_out]),
            **({PERSON: one} if kind.ceiling else {}),
        },
        inside=float(inside.mean()) if inside.size else float("nan"),
        valid=int(valid.sum()),
    )


def _no_measures(_: RatedItem) -> Mapping[str, float]:
    """The rows of the table are judges' alone."""
    return {}


def _column(table: RatedTable, name: str) -> NDArray[np.float64]:
    """A column by its name; NaN throughout where no held-out text has it."""
    if name not in table.columns:
        return np.full(table.items, np.nan)
    return table.values[:, table.columns.index(name)]


Outcome = tuple[float, float, float]
"""(score, lower, upper); NaN where there is none."""


def _spread(items: Sequence[RatedItem], most: int) -> list[RatedItem]:
    """At most so many, evenly over the file, so that no source is all of it; the live ones spread as well."""
    if not items:
        return []
    order = np.random.default_rng(SEED).permutation(len(items))[:most]
    return [items[int(i)] for i in order]


def _now(client: Client, kind: Kind, items: Sequence[RatedItem]) -> dict[str, Outcome]:
    def score(item: RatedItem) -> tuple[str, Outcome]:
        asked = Item(
            text=item.text, id=item.id, kind=kind.rubric, context=item.context, language="en", panel=PANEL
        )
        result = client.score(asked, deadline=60.0)
        if not result.is_scored:
            return item.id, (np.nan, np.nan, np.nan)
        span = result.scored.interval
        return item.id, ((result.score, span.lower, span.upper) if span else (result.score, np.nan, np.nan))

    with ThreadPoolExecutor(4) as threads:
        done = threads.map(score, items)
        label = f"scoring {len(items)} texts of kind {kind.rubric} over gRPC"
        return dict(track(done, label, total=len(items), console=console, transient=True))


def _fused(
    application: Application, kind: Kind, items: Iterable[RatedItem], rows: Rows
) -> Iterator[tuple[str, Outcome]]:
    """The product's own fusion of the committed ballots."""
    catalog = application.catalog
    panel = catalog.panel(DEFAULT_TENANT, PANEL)
    rubric = catalog.rubric(DEFAULT_TENANT, kind.rubric)
    snapshot = catalog.snapshot_for(rubric, panel, kind.rubric)
    for item in items:
        verdict = reconcile(
            [ballot_of(rows[item.id][judge]) for judge in panel.judges],
            snapshot,
            rubric=rubric,
            panel=panel,
            quorum=panel.quorum,
            facts=observe(item.content()),
            reference=catalog.reference,
        )
        if isinstance(verdict.outcome, Scored):
            overall_score = verdict.outcome.overall
            span = overall_score.interval
            bounds = (span.lower, span.upper) if span else (np.nan, np.nan)
            yield item.id, (overall_score.score, *bounds)
        else:
            yield item.id, (np.nan, np.nan, np.nan)


def _worst(shown: Sequence[Shown], *, reveal: bool) -> None:
    """The five texts whose score lies farthest from what people said, over all kinds."""
    misses = sorted(
        (
            (abs(float(s - y)), float(s), float(y), item)
            for one in shown
            for item, s, y in zip(one.items, next(iter(one.scores.values())), one.human, strict=True)
            if s == s
        ),
        key=lambda miss: -miss[0],
    )[:MISSES]
    console.print(f"\nThe {MISSES} worst misses, in full:", style="bold")
    for _, score, human, item in misses:
        hidden = item.kind == "comment" and not reveal
        text = mask(item.text) if hidden else item.text
        console.print(f"\n{item.kind} {item.id}: panel {score:.2f}, people {human:.2f}", style="bold")
        console.print(text.strip(), markup=False)
    if any(item.kind == "comment" for *_, item in misses) and not reveal:
        console.print(
            "\nComments are masked, for some are abusive; SHOW=1 make demo shows them.", style="dim"
        )
