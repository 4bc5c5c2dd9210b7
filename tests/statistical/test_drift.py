"""Drift sentinels and the watch over batches, on simulations whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.exchange import LEVEL, detect, rate_gains
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.loop.drift import Sentinel, sentinel
from moa_scorer.learning.loop.drift_batch import watch_batch
from moa_scorer.learning.loop.sentry import EVIDENCE
from tests.fakes.ratings import fitted, simulate


def run(anchors: int, *, rated: int, shift_from: int, shift: float, seed: int) -> Sentinel:
    """A judge that follows the ratings with unit error, and is off by `shift` from some anchor on."""
    rng = np.random.default_rng(seed)
    ratings = rng.random(rated + anchors)
    scores = 2 * ratings + rng.normal(size=rated + anchors)
    scores[rated + shift_from :] += shift
    points = np.column_stack([scores, ratings])
    return sentinel("ann/clarity", points[:rated], points[rated:], np.random.default_rng([seed, 1]))


@pytest.mark.parametrize("before", [0, 300])
def test_a_drift_of_half_a_standard_deviation_is_found_within_150_anchors(before: int) -> None:
    found = [run(before + 150, rated=600, shift_from=before, shift=0.5, seed=s).alarm_at for s in range(100)]
    delays = [at - before for at in found if at is not None and at > before]

    assert len(delays) >= 90, f"found {len(delays)} of 100, median delay {np.median(delays)}"
    assert np.median(delays) <= 100, f"median delay {np.median(delays)}"


@pytest.mark.parametrize("rated", [100, 400])
def test_at_most_one_stream_of_a_thousand_anchors_in_a_hundred_raises_a_false_alarm(rated: int) -> None:
    streams = 120
    false = sum(
        run(1000, rated=rated, shift_from=0, shift=0.0, seed=s).alarm_at is not None for s in range(streams)
    )

    assert false <= 4, f"{false} of {streams} streams; 1.2 are allowed on average, 4 in 97 of 100 tests"


def test_refusals_that_quadruple_are_found_and_usual_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    false = [_crossed(rng.random(1000) < 0.02) for _ in range(100)]
    delays = [_crossed(rng.random(600) < 0.08) for _ in range(100)]
    found = [d for d in delays if d is not None]

    assert sum(f is not None for f in false) <= 3
    assert len(found) >= 95, f"found {len(found)} of 100 within 600, median {np.median(found)}"


def _crossed(happened: np.ndarray) -> int | None:
    over = np.flatnonzero(detect(rate_gains(happened, 0.02)) >= np.log(LEVEL))
    return int(over[0]) if over.size else None


def with_rows(snapshot: Snapshot, table: RatedTable) -> Snapshot:
    """The snapshot as if it had been fitted on the table, as far as a watch looks."""
    groups = np.unique(np.asarray(table.groups), return_inverse=True)[1]
    rows = replace(
        snapshot.rows,
        values=tuple(tuple(float(f"{x:.5g}") for x in row) for row in table.values.tolist()),
        groups=tuple(groups.tolist()),
    )
    return replace(snapshot, rows=rows)


def test_batches_like_the_rated_items_raise_an_alarm_in_one_of_a_hundred_at_most() -> None:
    snapshot = fitted(simulate(120, group_size=1))
    evidence = []
    for seed in range(60):
        table = simulate(400, group_size=4, group_noise=0.8, seed=seed)
        rated = with_rows(snapshot, table.take(np.arange(240)))
        evidence.append(watch_batch(rated, table.take(np.arange(240, 400)), seed=seed).evidence)
    alarms = sum(e >= 2 for e in evidence)

    assert alarms <= 2, f"{alarms} of 60; the largest evidence is 10^{max(evidence):.2f}"
    assert np.mean([10**e for e in evidence]) <= 1.5, "an e-value has mean 1 at most"


def test_a_batch_of_half_a_standard_deviation_more_is_found_among_200_items() -> None:
    snapshot = fitted(simulate(120, group_size=1))
    evidence = []
    for seed in range(20):
        table = simulate(600, group_size=1, seed=seed)
        rated, batch = with_rows(snapshot, table.take(np.arange(400))), table.take(np.arange(400, 600))
        values = batch.values.copy()
        values[:, :2] += 0.5 * values[:, :2].std(axis=0)
        evidence.append(watch_batch(rated, replace(batch, values=values), seed=seed).evidence)

    found = sum(e >= 2 for e in evidence)
    assert found >= 18, f"{found} of 20; median evidence 10^{np.median(evidence):.1f}"


def test_a_sentry_rarely_doubts_a_source_that_is_like_the_rated_items() -> None:
    """Ten looks at a thousand documents, each wrong with probability 0.001 at most."""
    snapshot = fitted(simulate(120, group_size=1))
    raised = []
    for seed in range(12):
        table = simulate(750, group_size=1, seed=seed)
        rated = with_rows(snapshot, table.take(np.arange(250)))
        looks = [watch_batch(rated, table.take(np.arange(250, 250 + n))) for n in range(100, 501, 100)]
        raised.append(any(look.evidence >= EVIDENCE for look in looks))

    assert sum(raised) <= 1, f"{sum(raised)} of {len(raised)} streams of 500; 0.06 are allowed on average"
