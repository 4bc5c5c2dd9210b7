"""The bounded memory, serving, and the checks of a rated table."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.apply import fuse, fused_score, mask_of, mask_of_values, places_of, seen
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.memory import Memory
from tests.fakes.ratings import fitted, simulate


def test_the_result_used_longest_ago_is_forgotten_first() -> None:
    memory, calls = Memory(capacity=2), []

    def work(key: str) -> str:
        return memory.recall(key, lambda: calls.append(key) or key)

    for key in ("a", "b", "a", "c", "a", "b"):
        assert work(key) == key
    assert calls == ["a", "b", "c", "b"]
    assert len(memory) == 2


def test_baseline_and_amounts_sum_to_the_score() -> None:
    table = simulate()
    snapshot = fitted(table)
    for item in range(20):
        places = places_of(snapshot, dict(zip(table.columns, table.values[item].tolist(), strict=True)))
        fit = fit_mask(snapshot, mask_of(places))
        for head in fit.heads.values():
            score, terms = fuse(head, seen(fit, places))
            assert head.baseline + sum(t.amount for t in terms) == pytest.approx(score)
            assert score == fused_score(head, seen(fit, places))


def test_unknown_and_not_finite_columns_are_left_out() -> None:
    snapshot = fitted(simulate())
    values = {"ann/clarity": 0.5, "bob/clarity": float("nan"), "zoe/clarity": 0.5}
    places = places_of(snapshot, values)
    assert mask_of_values(snapshot, values) == mask_of(places)
    assert [snapshot.columns[k].name for k in places] == ["ann/clarity"]


def test_a_table_names_everything_that_is_wrong_with_it() -> None:
    table = simulate(items=6)
    with pytest.raises(ValueError, match=r"groups has 5 entries.*targets\[clarity\].*raters"):
        replace(
            table,
            groups=table.groups[:5],
            targets={"clarity": np.full(6, 1.5)},
            raters=np.zeros(6),
        )


def test_taking_items_keeps_everything_in_step() -> None:
    table = simulate(items=9)
    part = table.take(np.array([4, 2]))
    assert part.ids == ("item4", "item2")
    assert part.groups == (table.groups[4], table.groups[2])
    assert part.targets["depth"].tolist() == table.targets["depth"][[4, 2]].tolist()
    assert part.rater_variance["overall"].shape == (2,)
