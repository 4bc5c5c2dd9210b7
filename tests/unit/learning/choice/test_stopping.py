"""The margin that ratings support, and what cascades save, on simulated items."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.verdict import (
    Certificate,
    CertificateStatus,
    Completion,
    CriterionScore,
    Decision,
    Interval,
    Scored,
    Verdict,
)
from moa_scorer.learning.choice.cascade import decision_use, score_use, selective
from moa_scorer.learning.choice.stopping import MARGINS, fit_stopping, stops
from moa_scorer.learning.choice.tiers import Tiered, cascade_of, tiered
from tests.fakes.ratings import fitted, make_panel, make_rubric, simulate

ITEMS = 600
PASS = Policy(
    name="pass",
    version=1,
    title="",
    rules=(Rule(test=Test.SCORE_BELOW, threshold=0.5, then=Decision.REJECT),),
    otherwise=Decision.ACCEPT,
    on_unscored=Decision.REVIEW,
)


def says(score: float, half: float) -> Verdict:
    score = float(np.clip(score, 0, 1))
    interval = Interval(lower=max(score - half, 0.0), upper=min(score + half, 1.0), coverage=0.9)
    return Verdict(
        outcome=Scored(
            overall=CriterionScore(name="overall", score=score, value=score, interval=interval),
            criteria=(),
            certificate=Certificate(status=CertificateStatus.VALID, detail=""),
        ),
        completion=Completion.COMPLETE,
        ballots=(),
        planned=4,
        answered=4,
    )


def study(noise: float = 0.05, seed: int = 0) -> Tiered:
    """A cheap tier that sees the truth through noise, a strong one that sees more of it."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(size=ITEMS)
    cheap, strong = truth + noise * rng.normal(size=ITEMS), truth + 0.02 * rng.normal(size=ITEMS)
    return Tiered(
        verdicts=(
            tuple(says(x, 1.645 * noise) for x in cheap),
            tuple(says(x, 0.033) for x in strong),
        ),
        people=tuple(says(x, 0.0) for x in truth),
        calls=np.array([[1.0] * ITEMS, [4.0] * ITEMS]),
        costs=np.array([[1.0] * ITEMS, [101.0] * ITEMS]),
        folds=np.arange(ITEMS) % 5,
        groups=np.arange(ITEMS),
    )


def test_the_chosen_margin_keeps_its_error_and_saves_more_than_the_interval_as_it_is() -> None:
    found = fit_stopping(study(), PASS, error=0.05, confidence=0.9)
    as_it_is = stops(study(), PASS, 1.0, 0.1)
    assert found.chosen.margin is not None
    assert found.chosen.margin < 1.0
    assert found.chosen.differs <= found.chosen.bound <= 0.05
    assert found.chosen.saved > as_it_is.saved > 0.4


def test_a_smaller_margin_stops_more_items() -> None:
    stopped = [each.stopped for each in fit_stopping(study(), PASS, error=0.05, confidence=0.9).tried]
    assert stopped == sorted(stopped)
    assert len(stopped) == len(MARGINS)


def test_a_larger_error_never_makes_the_rule_more_careful() -> None:
    margins = [
        fit_stopping(study(0.15), PASS, error=error, confidence=0.9).chosen.margin
        for error in (0.01, 0.03, 0.1)
    ]
    known = [margin for margin in margins if margin is not None]
    assert known == sorted(known, reverse=True)
    assert len(known) >= 2


def test_where_too_few_items_are_rated_no_margin_is_supported_and_it_says_how_many_it_takes() -> None:
    few = study().take(np.arange(20))
    found = fit_stopping(few, PASS, error=0.05, confidence=0.9)
    assert found.chosen.margin is None
    assert (found.chosen.saved, found.chosen.differs) == (0.0, 0.0)
    assert found.needed == pytest.approx(45, abs=2)


def test_a_first_tier_that_knows_nothing_is_not_relied_on() -> None:
    blind = study()
    rng = np.random.default_rng(1)
    sure_of_itself = tuple(says(x, 0.01) for x in rng.uniform(size=ITEMS))
    misled = replace(blind, verdicts=(sure_of_itself, blind.verdicts[1]))
    assert fit_stopping(misled, PASS, error=0.05, confidence=0.9).chosen.margin is None


def test_a_cascade_for_scores_saves_calls_where_intervals_are_narrow() -> None:
    use = score_use(study(noise=0.02))
    assert use.saved.value == pytest.approx(0.75, abs=0.1)
    assert use.change.value < 0.1
    assert use.everybody == 4.0


def test_a_cascade_for_decisions_is_measured_on_folds_that_did_not_choose() -> None:
    use = decision_use(study(), PASS, error=0.05, confidence=0.9)
    assert len(use.margins) == 5
    assert use.differs.value < 0.06
    assert use.saved.value > 0.5


def test_what_is_decided_agrees_with_people_and_costs_less_than_the_strong_judge() -> None:
    use = selective(study(noise=0.1), PASS, strong=100.0, agreement=0.9, confidence=0.9)
    assert use.agreement.value >= 0.9
    assert use.decided.value > 0.9
    assert use.cost < 50


def test_tiers_are_cross_fitted_and_the_last_one_is_the_whole_panel() -> None:
    table = simulate(120, measures=False)
    found = tiered(
        table,
        rubric=make_rubric(),
        panel=make_panel(quorum=1),
        kind="essay",
        language="en",
        fit_on=lambda train: fitted(train, judge_revisions={}),
        tiers_of=lambda _: (("ann",), ("bob", "cid")),
        costs={"ann": 1.0, "bob": 2.0, "cid": 3.0},
    )
    assert found.items == 120
    assert found.calls[:, 0].tolist() == [1.0, 3.0]
    assert found.costs[:, 0].tolist() == [1.0, 6.0]
    assert {verdict.completion for verdict in found.verdicts[0]} == {Completion.DECIDED}
    assert {verdict.completion for verdict in found.verdicts[1]} == {Completion.COMPLETE}


def test_a_panel_is_put_into_tiers() -> None:
    panel = cascade_of(make_panel(), (("bob",), ("ann", "cid")))
    assert panel.judges == ("bob", "ann", "cid")
    assert [layer.judges for layer in panel.tiers] == [("ann", "cid")]
