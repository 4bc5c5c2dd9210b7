from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.learning.planning.plan import (
    AUDIT,
    SPREAD,
    Frame,
    audited,
    chances,
    choose,
    usual_count,
)
from moa_scorer.learning.study.propensities import pooled_propensities


def frame(n: int = 60, *, slanted: bool = True, seed: int = 1, **changes: Any) -> Frame:
    rng = np.random.default_rng(seed)
    usual: dict[str, Any] = {
        "ids": tuple(f"i{k:03}" for k in range(n)),
        "groups": tuple(f"g{k % 12}" for k in range(n)),
        "need": rng.random(n) if slanted else None,
        "places": rng.random((n, 2)),
    }
    return Frame(**(usual | changes))


def test_first_come_100_items_then_steps_of_25() -> None:
    assert [usual_count(rated) for rated in (0, 40, 80, 1000)] == [100, 60, 25, 25]


def test_a_twentieth_but_at_least_one_item_is_audit_unless_nobody_wants_any() -> None:
    assert [audited(count, 0.05) for count in (1, 10, 100)] == [1, 1, 5]
    assert audited(100, 0.0) == 0


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.integers(1, 50))
def test_every_item_has_a_chance_and_the_chances_sum_to_the_count(need: list[float], count: int) -> None:
    count = min(count, len(need))

    found = chances(np.array(need), len(need), count)

    assert found.sum() == pytest.approx(count)
    assert ((found > 0) & (found <= 1)).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 3), st.floats(0, 1))
def test_a_plan_has_the_count_asked_for_no_item_twice_and_its_share_of_audits(
    count: int, seed: int, share: float
) -> None:
    plan = choose(frame(40), count, share=share, seed=seed)

    assert len({p.id for p in plan}) == len(plan) == count
    assert sum(p.audit for p in plan) == audited(count, share)
    assert all(0 < p.propensity <= 1 for p in plan)


def test_a_plan_is_the_same_for_the_same_seed_and_any_order_of_the_items() -> None:
    own = frame()
    back = frame(ids=own.ids[::-1], groups=own.groups[::-1], need=own.need[::-1], places=own.places[::-1])  # type: ignore[index]

    assert choose(own, 20, seed=3) == choose(own, 20, seed=3) == choose(back, 20, seed=3)
    assert choose(own, 20, seed=3) != choose(own, 20, seed=4)


def test_means_weighted_by_one_over_the_propensity_are_those_of_all_items() -> None:
    """Items that are needed most are rated worst: unweighted the mean is off, weighted it is not."""
    own = frame(80)
    assert own.need is not None
    truth = 1 - own.need + 0.1 * np.random.default_rng(2).random(80)
    value = dict(zip(own.ids, truth.tolist(), strict=True))
    weighted, audit, plain = [], [], []
    for seed in range(400):
        plan = choose(own, 20, share=0.2, seed=seed)
        active = [p for p in plan if not p.audit]
        # Audits are a random part of the frame, so what is left of it stands for the whole.
        weighted.append(sum(value[p.id] / p.propensity for p in active) / (80 - 4))
        audit.append(sum(value[p.id] / p.propensity for p in plan if p.audit) / 80)
        plain.append(np.mean([value[p.id] for p in active]))

    assert np.mean(weighted) == pytest.approx(truth.mean(), abs=4 * np.std(weighted) / 20)
    assert np.mean(audit) == pytest.approx(truth.mean(), abs=4 * np.std(audit) / 20)
    assert np.mean(plain) < truth.mean() - 0.05


def test_audits_and_rounds_together_are_unbiased_and_each_counts_by_its_size() -> None:
    own = frame(80)
    assert own.need is not None
    value = dict(zip(own.ids, (1 - own.need).tolist(), strict=True))
    found = []
    for seed in range(400):
        plan = choose(own, 20, share=0.2, seed=seed)
        pooled = pooled_propensities(np.array([p.propensity for p in plan]), [p.audit for p in plan])
        found.append(np.average([value[p.id] for p in plan], weights=1 / pooled))

    assert np.mean(found) == pytest.approx(float(np.mean(1 - own.need)), abs=0.01)


def test_without_needs_all_items_are_alike_and_groups_share_the_plan() -> None:
    plan = choose(frame(slanted=False), 24, share=0, seed=5)

    assert {p.propensity for p in plan} == {0.4}
    assert sorted(int(p.id[1:]) % 12 for p in plan) == sorted([*range(12)] * 2)


def test_reasons_are_told_where_they_press() -> None:
    ranks = np.array([0.9, 0.1, np.nan])
    plan = choose(frame(3, reasons={"the judges disagree": ranks}), 3, share=0.0)

    assert [p.why for p in plan] == ["the judges disagree", SPREAD, SPREAD]
    assert choose(frame(3), 1)[0].why == AUDIT


@pytest.mark.parametrize(("count", "share"), [(0, 0.05), (61, 0.05), (10, 1.5), (10, -0.1)])
def test_what_cannot_be_chosen_is_an_error(count: int, share: float) -> None:
    with pytest.raises(ValueError, match="cannot choose"):
        choose(frame(), count, share=share)
