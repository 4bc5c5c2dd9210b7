"""The suggested panel, measured on folds that had no part in the choice."""

from pathlib import Path

import numpy as np
import pytest

from moa_scorer.learning.choice.frontier import Point, efficient
from moa_scorer.learning.choice.held_out import fused_scores
from moa_scorer.learning.choice.selection import BEST, EVERYONE, SUGGESTED, Selection, fitted, select
from moa_scorer.learning.predict import predict
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.study import panel_of, rubric_of, table_of
from tests.fakes.studies import simulated_study

SKILLS = {"noise1": 0.0, "good": 1.2, "noise2": 0.0, "other": 0.9, "noise3": 0.0}
SHARED = Path(__file__).parents[5] / "shared" / "data"


@pytest.fixture(scope="module")
def selection() -> Selection:
    return select(simulated_study(SKILLS, items=300))


def test_the_suggested_panel_has_the_good_judges_in_every_fold(selection: Selection) -> None:
    assert selection.panel == ("good", "other")
    assert selection.chosen_in["good"] == 1.0
    assert selection.chosen_in["noise1"] <= 0.2


def test_it_beats_the_best_single_judge_and_does_not_lose_to_all(selection: Selection) -> None:
    assert selection.over_best.clear
    assert selection.over_everyone.high > 0
    assert selection.point(SUGGESTED).error < selection.point(BEST).error
    assert selection.point(SUGGESTED).agreement > selection.point("other").agreement


def test_without_costs_the_points_have_none_and_judges_are_counted(selection: Selection) -> None:
    assert not selection.by_cost
    assert selection.point(EVERYONE).cost is None
    assert selection.point(EVERYONE).size == len(SKILLS)


def test_costs_of_a_panel_are_the_sums_of_its_judges() -> None:
    costs = {"good": 100.0, "other": 1.0, "noise": 3.0}
    found = select(simulated_study({"good": 1.2, "other": 0.9, "noise": 0.0}, micro_usd=costs))
    assert found.by_cost
    assert found.point(EVERYONE).cost == pytest.approx(104.0)
    assert found.point("other").cost == pytest.approx(1.0)


def test_one_judge_whose_cost_is_not_known_makes_no_judge_free() -> None:
    costs = {"good": 100.0, "noise": 3.0}
    assert not select(simulated_study({"good": 1.2, "other": 0.9, "noise": 0.0}, micro_usd=costs)).by_cost


def test_the_choice_is_the_same_again() -> None:
    study = simulated_study({"good": 1.0, "other": 0.8}, items=100)
    assert select(study) == select(study)


def test_a_handful_of_ratings_chooses_nobody() -> None:
    with pytest.raises(ValueError, match="20 rated items are too few to choose judges; rate 30"):
        select(simulated_study({"good": 1.0}, items=20))


def test_progress_is_told_six_times() -> None:
    told: list[int] = []
    select(simulated_study({"good": 1.0, "other": 0.8}, items=100), progress=lambda: told.append(1))
    assert len(told) == 6


def test_only_points_that_nothing_beats_are_efficient() -> None:
    def point(name: str, cost: float, error: float) -> Point:
        return Point(name=name, judges=(name,), cost=cost, error=error, agreement=0.5, votes=None, size=1)

    found = efficient([point("cheap", 1, 0.3), point("dear", 9, 0.1), point("waste", 9, 0.3)])
    assert [p.name for p in found if p.efficient] == ["cheap", "dear"]


def test_scores_of_a_subset_are_those_of_the_product() -> None:
    study = simulated_study({"good": 1.0, "other": 0.8, "third": 0.5}, silent={"third": 0.3})
    table = table_of(study, measures=False)
    snapshot = fitted(study, table, 0)
    rubric = rubric_of(study)
    wanted = predict(snapshot, table, _only_overall(rubric), panel_of(study), kind="made").scores["overall"]
    assert np.allclose(fused_scores(snapshot, study.judges, table), wanted, atol=1e-9)


def _only_overall(rubric):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    from moa_scorer.domain.rubric import Criterion

    return replace(rubric, criteria=(Criterion(name="overall", description="all"),))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded judges of shared/data are not here")
def test_few_recorded_judges_do_about_as_well_as_all_of_them() -> None:
    study = read_studies(SHARED / "topicalchat.jsonl.gz")[0]
    found = select(study)
    assert len(found.panel) <= 4
    assert found.point(SUGGESTED).error <= 1.06 * found.point(EVERYONE).error
