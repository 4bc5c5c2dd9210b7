"""The protocol on simulated studies of known truth."""

import math
from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.learning.protocol.evaluation import evaluate, protocol
from moa_scorer.learning.protocol.findings import (
    AVERAGE,
    BEST,
    CONSTANT,
    MEAN,
    PANEL,
    Z_MEAN,
    Evaluation,
    document,
    from_document,
)
from moa_scorer.learning.study.study import Study
from tests.fakes.studies import simulated_study


def panel_of_three() -> Study:
    return simulated_study({"ann": 0.5, "bob": 0.5, "eve": 0.5}, items=120)


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate(protocol(panel_of_three(), rated=None, repeats=1, seed=0))


def value(e: Evaluation, method: str, metric: str, criterion: str = AVERAGE) -> float:
    estimate = e.figure(method, criterion, metric)
    assert estimate is not None
    return estimate.value


def test_three_independent_judges_are_better_than_one_and_the_advice_says_so(found: Evaluation) -> None:
    assert value(found, PANEL, "spearman") > value(found, BEST, "spearman") + 0.05
    assert found.advice.choice == "panel"
    assert found.votes > 1.3


def test_a_constant_has_no_order_and_the_error_of_the_mean(found: Evaluation) -> None:
    assert value(found, CONSTANT, "spearman") == 0.0
    assert value(found, CONSTANT, "rmse") > value(found, MEAN, "rmse")


def test_every_item_is_told_once_with_all_ratings(found: Evaluation) -> None:
    for part in found.out_of_fold:
        assert sorted(part.items) == sorted(i.id for i in panel_of_three().items)
    assert {(o.method, o.criterion) for o in found.out_of_fold} == {
        (m, c) for m in (PANEL, BEST) for c in ("clarity", "depth", "overall")
    }


def test_the_average_is_over_criteria_and_not_the_overall(found: Evaluation) -> None:
    each = [value(found, PANEL, "rmse", c) for c in ("clarity", "depth")]
    assert value(found, PANEL, "rmse") == pytest.approx(np.mean(each))


def test_a_difference_is_that_of_the_figures_and_its_interval_is_narrower_than_theirs(
    found: Evaluation,
) -> None:
    gap = found.difference(MEAN, AVERAGE, "spearman")
    own, other = (found.figure(m, AVERAGE, "spearman") for m in (PANEL, MEAN))
    assert gap is not None
    assert own is not None
    assert other is not None
    assert gap.estimate.value == pytest.approx(own.value - other.value)
    assert gap.estimate.high - gap.estimate.low < own.high - own.low


def test_everything_survives_a_file(found: Evaluation) -> None:
    assert document(from_document(document(found))) == document(found)


def test_with_few_rated_items_repeats_give_a_spread_and_a_fifth_percentile() -> None:
    few = evaluate(protocol(panel_of_three(), rated=22, repeats=5, seed=0))
    estimate = few.figure(PANEL, AVERAGE, "spearman")
    assert estimate is not None
    assert estimate.fifth < estimate.value
    assert estimate.sd > 0
    assert {o.method for o in few.out_of_fold} == {PANEL, BEST}


def test_without_ratings_there_are_orders_alone() -> None:
    none = evaluate(protocol(panel_of_three(), rated=0, repeats=1, seed=0))
    assert value(none, PANEL, "spearman") > 0.3
    assert value(none, Z_MEAN, "kendall") > 0.2
    assert none.figure(PANEL, AVERAGE, "rmse") is None
    assert none.out_of_fold == ()
    assert none.certificates == {"uncalibrated": 1.0}


def test_results_may_come_in_any_order() -> None:
    plan = protocol(panel_of_three(), rated=22, repeats=2, seed=0)
    turned = [plan.judge_trial(n) for n in (1, 0)]
    here, there = (document(e) for e in (evaluate(plan), evaluate(plan, turned)))
    assert here["differences"] == there["differences"]


def test_an_item_that_nobody_scored_stays_in_the_denominator() -> None:
    study = panel_of_three()
    silent = {i.id for i in study.items[::4]}
    gone = replace(study, rows={i: {} if i in silent else r for i, r in study.rows.items()})
    found = evaluate(protocol(gone, rated=None, repeats=1, seed=0))
    assert len(found.out_of_fold[0].items) == 120
    assert found.certificates["unscored"] == pytest.approx(0.25)
    assert math.isnan(found.out_of_fold[0].score[found.out_of_fold[0].items.index(study.items[0].id)])
    assert len(found.masks) == 2


def test_shuffled_ratings_leave_nothing_to_find() -> None:
    study = panel_of_three()
    order = np.random.default_rng(0).permutation(len(study.items))
    mixed = replace(
        study,
        items=tuple(
            replace(i, ratings=study.items[k].ratings) for i, k in zip(study.items, order, strict=True)
        ),
    )
    found = evaluate(protocol(mixed, rated=None, repeats=1, seed=0))
    assert abs(value(found, PANEL, "spearman")) < 0.2
    assert found.advice.choice != "panel"


def test_a_study_without_any_score_is_refused_in_words() -> None:
    silent = replace(panel_of_three(), rows={})
    with pytest.raises(ValueError, match="no judge has scored anything"):
        protocol(silent, rated=None, repeats=1, seed=0)
