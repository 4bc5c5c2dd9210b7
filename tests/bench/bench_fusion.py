"""Fusion in process beside a bare weighted mean and beside its additive part alone; the fit beside ridge.

One item is `reconcile`: seven judges' ballots (and the text's measures) to scores, intervals, certificate and
contributions. The weighted mean is one sum of products a head in plain floats: it has no interval, no
certificate and no curves. Items are simulated, as no clock depends on what they say; all ways see the same
items in turn. Times are those of the wall clock; beside them stands the p99 of each item's fastest round,
which leaves out what the machine's other work does: goals are held against that. The collector of garbage is
off.
"""

import argparse
import gc
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import Ridge

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from tests.bench.report import markdown
from tests.fakes.ratings import ballots_of, facts_of, fitted, make_panel, make_rubric, simulate

GOAL_OF_FUSION = 0.3
"""Milliseconds: the most that p99 may be with seven judges."""
GOAL_OF_FIT = 60.0
"""Seconds of one core for 1,600 items, 4 criteria and 15 judges."""
CRITERIA = ("clarity", "depth", "pace", "ending")
ITEMS = 200
"""Different items that are asked for in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A fitted snapshot and items to serve."""

    snapshot: Snapshot
    rubric: Rubric
    panel: Panel
    items: Sequence[tuple[Sequence[Ballot], Facts]]
    rows: Sequence[Sequence[float]]
    """The items' columns, judges and measures."""


def rated(items: int, judges: int, criteria: Sequence[str], *, measures: bool) -> RatedTable:
    """Simulated ratings; more judges are no better ones."""
    skills = {f"judge{k}": 1.0 - 0.6 * k / judges for k in range(judges)}
    return simulate(items, skills=skills, criteria=criteria, measures=measures)


def setting(items: int, judges: int, criteria: Sequence[str], *, measures: bool) -> Setting:
    """Fits so many rated items."""
    table = rated(items, judges, criteria, measures=measures)
    rubric, panel = make_rubric(criteria), make_panel([f"judge{k}" for k in range(judges)])
    return Setting(
        snapshot=fitted(table, rubric=rubric, panel=panel),
        rubric=rubric,
        panel=panel,
        items=[(ballots_of(table, i), facts_of(table, i)) for i in range(min(ITEMS, items))],
        rows=table.values[:ITEMS].tolist(),
    )


def weighted_mean(weights: Sequence[Sequence[float]], row: Sequence[float]) -> list[float]:
    """A sum of products for each head: what fusion would cost if it were nothing else."""
    return [math.fsum(w * x for w, x in zip(own, row, strict=True)) for own in weights]


def without_surface(snapshot: Snapshot) -> Snapshot:
    """The same snapshot, its heads additive."""
    return replace(snapshot, heads=tuple(replace(h, kernel=None) for h in snapshot.heads))


def asked(snapshot: Snapshot, own: Setting, item: int) -> None:
    """One verdict."""
    ballots, facts = own.items[item]
    reconcile(
        ballots,
        snapshot,
        rubric=own.rubric,
        panel=own.panel,
        quorum=1,
        facts=facts,
        reference=EMPTY_REFERENCE,
    )


def times_of(ways: Mapping[str, Callable[[int], object]], items: int, rounds: int) -> dict[str, np.ndarray]:
    """Way -> milliseconds, shape (rounds, items), after one round to warm up; ways take turns by item."""
    found = {name: np.empty((rounds + 1, items)) for name in ways}
    gc.collect()
    gc.disable()
    for r in range(rounds + 1):
        for i in range(items):
            for name, way in ways.items():
                started = time.perf_counter()
                way(i)
                found[name][r, i] = (time.perf_counter() - started) * 1e3
    gc.enable()
    return {name: times[1:] for name, times in found.items()}


def serving(rounds: int, rated_items: int) -> str:
    """The table of serving: seven judges, one criterion and four, without and with measures."""
    rows = []
    for criteria, measures in ((CRITERIA[:1], False), (CRITERIA, False), (CRITERIA, True)):
        own = setting(rated_items, 7, criteria, measures=measures)
        plain = without_surface(own.snapshot)
        weights = [[1 / len(own.rows[0])] * len(own.rows[0])] * len(own.snapshot.heads)
        ways = {
            "a bare weighted mean": lambda i, own=own, w=weights: weighted_mean(w, own.rows[i]),
            "fusion, additive part alone": lambda i, own=own, s=plain: asked(s, own, i),
            "fusion": lambda i, own=own: asked(own.snapshot, own, i),
        }
        about = f"7 × {len(criteria)}{', measures' if measures else ''}"
        for way, times in times_of(ways, len(own.items), rounds).items():
            rows.append((about, way, *_cells(times, GOAL_OF_FUSION if way == "fusion" else None)))
    return markdown(("judges × criteria", "way", "p50, ms", "p99, ms", "p99 of fastest rounds, ms"), rows)


def fitting(rated_items: int, judges: int) -> str:
    """The table of fitting, and of a set of columns that is first seen."""
    table, rubric = rated(rated_items, judges, CRITERIA, measures=True), make_rubric(CRITERIA)
    panel = make_panel([f"judge{k}" for k in range(judges)])
    started = time.process_time()
    for target in table.targets.values():
        Ridge(alpha=30.0).fit(table.values, target)
    ridge = time.process_time() - started
    started = time.process_time()
    snapshot = fitted(table, rubric=rubric, panel=panel)
    fit = time.process_time() - started
    everything = tuple(range(len(snapshot.columns)))
    masks = []
    for mask in (everything, everything[len(CRITERIA) :], everything[2 * len(CRITERIA) :]):
        started = time.process_time()
        fit_mask(snapshot, mask)
        masks.append(time.process_time() - started)
    rows = [
        ("scikit-learn's ridge, once a criterion", f"{ridge:.3f}"),
        ("fit, cross-validated, with surfaces", f"{fit:.2f} {_judged(fit, GOAL_OF_FIT)}"),
        ("the first set of columns, and what all share", f"{masks[0]:.3f}"),
        ("a set of columns first seen", f"{np.mean(masks[1:]):.3f}"),
    ]
    return markdown(
        (f"{rated_items} items × {len(CRITERIA)} criteria × {judges} judges", "s of one core"), rows
    )


def _cells(times: np.ndarray, goal: float | None) -> tuple[str, str, str]:
    p50, p99, fastest = (*np.quantile(times, [0.5, 0.99]), np.quantile(times.min(axis=0), 0.99))
    return f"{p50:.4f}", f"{p99:.4f}", f"{fastest:.4f}" + (f" {_judged(fastest, goal)}" if goal else "")


def _judged(figure: float, goal: float) -> str:
    return f"({'meets' if figure <= goal else 'MISSES'} {goal:g})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--rated", type=int, default=1600)
    parser.add_argument("--judges", type=int, default=15, help="of the panel that is fitted")
    chosen = parser.parse_args()
    print(f"\n## Fusion and fit\n\n{__doc__}\n")
    print(fitting(chosen.rated, chosen.judges), flush=True)
    print(f"\n{serving(chosen.rounds, chosen.rated)}", flush=True)


if __name__ == "__main__":
    main()
