"""Report cards of judges with known habits."""

import pytest

from moa_scorer.learning.choice.card import JudgeCard, ReportCard, report_card
from tests.fakes.studies import simulated_study

SKILLS = {"strict": 1.0, "fair": 1.0, "mirror": -1.0, "model:a": 0.7, "model:b": 0.7, "shy": 0.5}


@pytest.fixture(scope="module")
def card() -> ReportCard:
    return report_card(
        simulated_study(
            SKILLS,
            items=240,
            shift={"strict": -0.1},
            silent={"shy": 0.25},
            micro_usd={"fair": 12.0},
            undeclared=("mirror", "shy"),
        )
    )


def of(card: ReportCard, judge: str) -> JudgeCard:
    return next(one for one in card.judges if one.judge == judge)


def test_a_judge_that_scores_the_other_way_is_named_first(card: ReportCard) -> None:
    assert card.judges[0].judge == "mirror"
    assert card.judges[0].reversed
    assert not any(one.reversed for one in card.judges[1:])


def test_the_others_stand_by_agreement(card: ReportCard) -> None:
    rest = [one.agreement for one in card.judges[1:]]
    assert rest == sorted(rest, reverse=True)


def test_severity_is_on_the_rating_scale(card: ReportCard) -> None:
    strict, fair = of(card, "strict").severity, of(card, "fair").severity
    assert strict is not None
    assert fair is not None
    assert strict.value - fair.value == pytest.approx(-0.4, abs=0.06)
    assert strict.high < 0
    assert fair.low < 0.05


def test_the_severity_of_a_judge_that_scores_the_other_way_is_of_its_scores_turned_round(
    card: ReportCard,
) -> None:
    severity = of(card, "mirror").severity
    assert severity is not None
    assert abs(severity.value) < 0.12


def test_consistency_is_known_only_of_models_with_several_prompts(card: ReportCard) -> None:
    assert of(card, "fair").consistency is None
    found = of(card, "model:a").consistency
    assert found == of(card, "model:b").consistency
    assert found is not None
    assert 0.3 < found < 0.9


def test_abstentions_are_counted_by_reason(card: ReportCard) -> None:
    shy = of(card, "shy")
    assert shy.abstentions == {"refused": pytest.approx(1 - shy.answered)}
    assert shy.answered == pytest.approx(0.75, abs=0.08)
    assert of(card, "fair").abstentions == {}


def test_costs_that_nobody_knows_stay_unknown(card: ReportCard) -> None:
    assert of(card, "fair").micro_usd == 12.0
    assert of(card, "strict").micro_usd is None
    assert of(card, "fair").seconds is None


def test_the_better_judge_would_be_missed_more(card: ReportCard) -> None:
    assert of(card, "fair").left_out.value > of(card, "shy").left_out.value
    assert of(card, "fair").left_out.clear


def test_weights_are_shares(card: ReportCard) -> None:
    assert sum(one.weight for one in card.judges) == pytest.approx(1.0)


def test_judges_that_see_the_same_agree_and_mirrors_do_not(card: ReportCard) -> None:
    names = card.between.judges
    matrix = card.between.matrix
    assert matrix[names.index("strict"), names.index("fair")] > 0.5
    assert matrix[names.index("mirror"), names.index("fair")] < -0.5
    assert matrix[0, 0] == pytest.approx(1.0)
