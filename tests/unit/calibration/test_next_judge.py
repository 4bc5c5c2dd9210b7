"""What the next judge is expected to do to an item's interval."""

import math

import pytest

from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.next_judge import next_judges
from moa_scorer.calibration.snapshot import Snapshot
from tests.fakes.ratings import fitted, simulate

EXPERT = {"crowd1": 0.3, "noise1": 0.0, "expert": 1.5, "noise2": 0.0}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return fitted(simulate(items=400, skills=EXPERT, measures=False, noise=0.4))


def said(judge: str, score: float = 0.5) -> dict[str, float]:
    return {f"{judge}/clarity": score, f"{judge}/depth": score}


def test_an_expert_comes_before_noise(snapshot: Snapshot) -> None:
    found = next_judges(snapshot, said("crowd1"))
    assert found[0].judge == "expert"
    assert {one.judge for one in found} == {"expert", "noise1", "noise2"}
    assert found[0].shrink > 0.1
    assert all(abs(one.shrink) < 0.03 for one in found[1:])


def test_the_expected_width_is_about_that_of_the_mask_with_the_judge(snapshot: Snapshot) -> None:
    names = [c.name for c in snapshot.columns]
    mask = tuple(k for k, n in enumerate(names) if n.startswith(("crowd1/", "expert/")))
    lower, upper = fit_mask(snapshot, mask).heads["overall"].width.around(0.5)
    expert = next(one for one in next_judges(snapshot, said("crowd1")) if one.judge == "expert")
    assert expert.width == pytest.approx(upper - lower, rel=0.15)


def test_once_the_expert_has_spoken_nobody_is_worth_much(snapshot: Snapshot) -> None:
    assert max(one.shrink for one in next_judges(snapshot, said("expert"))) < 0.02


def test_costs_put_the_most_shrink_for_a_dollar_first_and_unknown_ones_last(snapshot: Snapshot) -> None:
    costs = {"crowd1": 1.0, "expert": 100_000.0, "noise1": 10.0}
    found = next_judges(snapshot, {}, micro_usd=costs)
    assert found[0].judge == "crowd1"
    assert found[-1].judge == "noise2"
    assert found[-1].micro_usd is None
    assert found[-1].value is None
    expert = next(one for one in found if one.judge == "expert")
    assert expert.value == pytest.approx(expert.shrink / 100_000.0)


def test_a_judge_that_helps_for_nothing_comes_first(snapshot: Snapshot) -> None:
    found = next_judges(snapshot, said("crowd1"), micro_usd={"expert": 0.0, "noise1": 1.0, "noise2": 1.0})
    assert found[0].judge == "expert"
    assert found[0].value == math.inf


def test_without_any_answer_the_interval_is_the_one_around_the_mean(snapshot: Snapshot) -> None:
    head = fit_mask(snapshot, ()).heads["overall"]
    lower, upper = head.width.around(head.baseline)
    for one in next_judges(snapshot, {}):
        assert one.width + one.shrink == pytest.approx(upper - lower, abs=1e-9)


def test_when_everybody_has_spoken_nobody_is_left(snapshot: Snapshot) -> None:
    everything = {c.name: 0.5 for c in snapshot.columns}
    assert next_judges(snapshot, everything) == ()


def test_a_judge_that_was_asked_in_vain_is_not_asked_again(snapshot: Snapshot) -> None:
    found = next_judges(snapshot, said("crowd1"), asked=("expert",))
    assert "expert" not in [one.judge for one in found]


def test_the_answer_is_the_same_again_and_for_any_order_of_the_values(snapshot: Snapshot) -> None:
    values = {**said("crowd1"), **said("noise1")}
    turned = dict(reversed(values.items()))
    assert next_judges(snapshot, values) == next_judges(snapshot, turned)
