"""The gate on candidates that are equal, or worse by 5 %, in a simulation whose truth is known."""

from collections.abc import Sequence

import numpy as np
import pytest

from moa_scorer.calibration.apply import fused_score, mask_of, places_of, seen
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.loop.gate import Gate, Outcome, judged
from tests.fakes.ratings import fitted, make_rubric, simulate

RATED, NEW, AUDIT, POOL = 400, 25, 800, 1500
"""Items of the parent's fit, those that the candidate has more, of an audit, and of all audits together."""
DRAWS = 40

Case = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Errors of the parent and of the candidate, and whether the candidate's interval holds."""


def table(items: int, seed: int) -> RatedTable:
    return simulate(items, group_size=1, criteria=("clarity",), measures=False, seed=seed)


def said(snapshot: Snapshot, new: RatedTable) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(score, lower, upper) of every item, all judges answering."""
    places = [places_of(snapshot, dict(zip(new.columns, row, strict=True))) for row in new.values.tolist()]
    fit = fit_mask(snapshot, mask_of(places[0]))
    head = fit.heads[OVERALL]
    scores = [fused_score(head, seen(fit, own)) for own in places]
    low, high = np.array([head.width.around(score) for score in scores]).T
    return np.array(scores).clip(0, 1), low, high


@pytest.fixture(scope="module")
def cases() -> Sequence[Case]:
    """Pairs of a snapshot and its refit with 25 more ratings, on many items that neither has seen."""
    return [case(seed) for seed in range(4)]


def case(seed: int) -> Case:
    rated, pool = table(RATED + NEW, 2 * seed), table(POOL, 2 * seed + 1)
    rubric = make_rubric(("clarity",))
    parent, candidate = (
        said(fitted(rated.take(np.arange(n)), rubric=rubric), pool) for n in (RATED, RATED + NEW)
    )
    truth = pool.targets["clarity"]
    (old, _, _), (new, low, high) = parent, candidate
    return old - truth, new - truth, (low <= truth) & (truth <= high)


def gate_of(old: np.ndarray, new: np.ndarray, holds: np.ndarray) -> Gate:
    return judged(
        (old, new),
        [str(i) for i in range(old.size)],
        {},
        valid=old.size,
        covered=int(holds.sum()),
        coverage=0.9,
        fitted=RATED + NEW,
    )


def passes(cases: Sequence[Case], audit: int, worse: float, seed: int = 0) -> float:
    """Share of random audits that let the candidate pass; `worse` adds so much to its RMSE, by noise."""
    rng = np.random.default_rng(seed)
    found = []
    for old, new, holds in cases:
        spread = float(np.sqrt(((1 + worse) ** 2 - 1) * np.mean(new**2)))
        for _ in range(DRAWS):
            drawn = rng.permutation(POOL)[:audit]
            noisy = new[drawn] + spread * rng.normal(size=audit)
            found.append(gate_of(old[drawn], noisy, holds[drawn]).outcome is Outcome.PASS)
    return float(np.mean(found))


def test_an_equal_candidate_passes_four_audits_of_800_items_in_five(cases: Sequence[Case]) -> None:
    share = passes(cases, AUDIT, 0.0)

    assert share >= 0.8, f"{share:.2f} of the audits"


@pytest.mark.parametrize("audit", [100, 200, AUDIT])
def test_a_candidate_worse_by_5_percent_hardly_ever_passes_however_small_the_audit(
    cases: Sequence[Case], audit: int
) -> None:
    share = passes(cases, audit, 0.05)

    assert share <= 0.1, f"{share:.2f} of the audits of {audit} items"


def test_small_audits_say_that_they_are_too_small_rather_than_no(cases: Sequence[Case]) -> None:
    rng = np.random.default_rng(1)
    outcomes = []
    for old, new, holds in cases:
        for _ in range(DRAWS):
            drawn = rng.permutation(POOL)[:100]
            outcomes.append(gate_of(old[drawn], new[drawn], holds[drawn]))

    failed = float(np.mean([g.outcome is Outcome.FAIL for g in outcomes]))
    assert failed <= 0.1, f"{failed:.2f} of the audits of 100 items call an equal candidate worse"
    assert 200 <= float(np.median([g.needed for g in outcomes])) <= 3000
