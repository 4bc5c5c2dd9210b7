"""Judges that stand out from all others on one item."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chi2, norm

from moa_scorer.calibration.odd_judges import LEVEL, OddJudges, _normal, fit_odd_judges
from moa_scorer.calibration.support import Support, fit_normals, fit_support
from moa_scorer.calibration.table import RatedTable
from tests.fakes.ratings import simulate

SKILLS = {f"judge{k}": 0.8 for k in range(7)}


def _table(seed: int = 0, skills: dict[str, float] | None = None) -> RatedTable:
    return simulate(400, skills=skills or SKILLS, measures=False, group_size=1, seed=seed)


def _fitted(table: RatedTable) -> tuple[Support, OddJudges | None]:
    fitted = fit_normals(table.values)
    everybody, all_items = range(len(table.columns)), np.ones(table.items, dtype=bool)
    support = fit_support(fitted, everybody, all_items, np.arange(table.items) % 5)
    assert support is not None
    return support, fit_odd_judges(table.columns, fitted.scores, support)


def _odd(table: RatedTable, test: RatedTable) -> list[tuple[str, ...]]:
    support, fitted = _fitted(table)
    assert fitted is not None
    return [fitted.odd_ones(support, row) for row in test.values.tolist()]


def _saying(table: RatedTable, judges: tuple[str, ...], value: float) -> RatedTable:
    values = table.values.copy()
    values[:, [k for k, c in enumerate(table.columns) if c.startswith(judges)]] = value
    return replace(table, values=values)


def test_hardly_anybody_stands_out_where_nothing_is_wrong() -> None:
    found = _odd(_table(), _table(seed=1))
    assert np.mean([bool(f) for f in found]) == pytest.approx(LEVEL, abs=0.015)


@pytest.mark.parametrize("attacked", [("judge3",), ("judge0", "judge5")])
def test_attacked_judges_are_found_alone_and_together(attacked: tuple[str, ...]) -> None:
    found = _odd(_table(), _saying(_table(seed=1), attacked, 0.99))
    assert np.mean([set(attacked) <= set(f) for f in found]) > 0.85


def test_the_one_good_judge_among_weak_ones_stays() -> None:
    skills = {"expert": 1.5, **{f"weak{k}": 0.3 for k in range(5)}}
    found = _odd(_table(skills=skills), _table(seed=1, skills=skills))
    assert np.mean(["expert" in f for f in found]) <= 0.02


def test_a_reversed_judge_is_usual_where_it_always_was() -> None:
    def turned(table: RatedTable) -> RatedTable:
        values = table.values.copy()
        values[:, :2] = 1 - values[:, :2]
        return replace(table, values=values)

    found = _odd(turned(_table()), turned(_table(seed=1)))
    assert np.mean(["judge0" in f for f in found]) <= 0.02
    assert np.mean(["judge0" in f for f in _odd(_table(), turned(_table(seed=1)))]) > 0.25


def test_four_judges_too_few_items_and_no_support_tell_nothing() -> None:
    four = _table(skills={f"judge{k}": 0.8 for k in range(4)})
    assert _fitted(four)[1] is None
    few = _table().take(np.arange(150))
    assert _fitted(few)[1] is None
    assert fit_odd_judges(four.columns, four.values, None) is None
    assert fit_odd_judges((), np.zeros((400, 0)), None) is None


def test_tied_scores_are_no_reason_to_stand_out() -> None:
    table = _table()
    tied = replace(table, values=np.round(table.values * 4) / 4)
    found = _odd(tied, replace(_table(seed=1), values=np.round(_table(seed=1).values * 4) / 4))
    assert np.mean([bool(f) for f in found]) <= 0.04


def test_oddness_is_a_standard_normal_whatever_the_number_of_columns() -> None:
    for degrees in (2, 8, 20):
        marks = [_normal(float(chi2.ppf(p, degrees)), degrees) for p in (0.2, 0.5, 0.9, 0.99)]
        assert marks == pytest.approx(norm.ppf([0.2, 0.5, 0.9, 0.99]).tolist(), abs=0.06)
        assert all(a < b for a, b in pairwise(marks))
