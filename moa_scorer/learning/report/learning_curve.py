"""The learning curve: the protocol with few rated items, again and again, in the one figure plotted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.protocol.arena import Arena, arena
from moa_scorer.learning.protocol.evaluation import Protocol, evaluate
from moa_scorer.learning.protocol.findings import PANEL, Evaluation
from moa_scorer.learning.protocol.metrics import Metric
from moa_scorer.learning.protocol.tally import Yardstick, yardstick
from moa_scorer.learning.protocol.trials import RATED_SHARE, Trial, trials
from moa_scorer.learning.study.study import Study

Index = NDArray[np.intp]

REPEATS: Final = 5
"""Draws of each point."""
RESAMPLES: Final = 200
MOST_NEW: Final = 400
"""Items scored in a draw, whole groups as far as they fit: enough for a line."""


def possible_counts(study: Study, counts: Sequence[int]) -> tuple[int, ...]:
    """The counts for which any draw of a share of the groups will hold enough items."""
    room = int(0.8 * RATED_SHARE * len(study.items))
    return tuple(n for n in counts if n <= room)


def learning_runs(
    study: Study,
    counts: Sequence[int],
    *,
    primary: str,
    seed: int,
    measures: bool = True,
    code: str = "",
    progress: Callable[[], None] = lambda: None,
) -> tuple[Evaluation, ...]:
    """An evaluation for each number of rated items, of the metric `primary` alone.

    `progress` is called REPEATS times for each. Raises ValueError where a draw holds too few items.
    """
    full = arena(study, measures=measures, text=False)
    ground = replace(full, tables={PANEL: full.tables[PANEL]})
    by = _only(yardstick(ground, resamples=RESAMPLES, seed=seed), primary)
    groups = [item.group for item in study.items]
    return tuple(_run(ground, by, groups, n, seed, code, progress) for n in counts)


def _run(
    ground: Arena,
    by: Yardstick,
    groups: Sequence[str],
    rated: int,
    seed: int,
    code: str,
    progress: Callable[[], None],
) -> Evaluation:
    drawn = tuple(_fewer(t, groups) for t in trials(groups, rated, REPEATS, seed))
    plan = Protocol(ground=ground, by=by, trials=drawn, rated=rated, repeats=REPEATS, seed=seed)
    return evaluate(plan, progress=progress, code=code)


def _only(by: Yardstick, primary: str) -> Yardstick:
    def kept(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
        return tuple(m for m in metrics if m.name == primary)

    return replace(by, metrics={head: kept(metrics) for head, metrics in by.metrics.items()})


def _fewer(trial: Trial, groups: Sequence[str]) -> Trial:
    """The trial with the new items of its first groups, in a drawn order, that together are not too many."""
    names, codes, sizes = np.unique([groups[i] for i in trial.new], return_inverse=True, return_counts=True)
    order = np.random.default_rng([trial.repeat, 11]).permutation(names.size)
    kept = order[np.cumsum(sizes[order]) <= MOST_NEW]
    new: Index = trial.new[np.isin(codes, kept)]
    return replace(trial, new=new) if new.size else trial
