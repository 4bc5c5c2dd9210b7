"""One's own judges: panel and rubric out of the snapshot, raw scores on its scales, the verdict."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.aggregation.own import own_panel, own_rubric, reconcile_own, unit_ballots
from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable, Scale
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Score, ScoreKind
from moa_scorer.domain.content import Content
from moa_scorer.domain.raw_ballot import RawBallot, RawScore
from moa_scorer.domain.verdict import CertificateStatus, CriterionScore, Scored, Unscored
from tests.fakes.own import own_snapshot, own_table, raw, raw_ballots
from tests.fakes.ratings import CRITERIA, ballots_of, facts_of

ESSAY = Content(text="", kind="essay", language="en")


@pytest.fixture(scope="module")
def table() -> RatedTable:
    return own_table()


@pytest.fixture(scope="module")
def snapshot(table: RatedTable) -> Snapshot:
    return own_snapshot(table)


def answer(snapshot: Snapshot, judge: str, said: RawScore) -> Score | Abstention:
    (ballot,) = unit_ballots([RawBallot(judge=judge, outcome={"clarity": said})], snapshot)
    return ballot.answer("clarity")


def test_panel_and_rubric_come_out_of_the_snapshot(snapshot: Snapshot) -> None:
    panel, rubric = own_panel(snapshot), own_rubric(snapshot)

    assert (panel.revision, panel.judges, panel.quorum) == (snapshot.panel, ("ann", "bob", "cid"), 1)
    assert (rubric.revision, rubric.weights()) == (snapshot.rubric, snapshot.weights)


def test_a_judge_whose_every_column_told_nothing_still_sits_in_the_panel(snapshot: Snapshot) -> None:
    columns = tuple(c for c in snapshot.columns if not c.name.startswith("cid/"))
    dropped = replace(snapshot.provenance, dropped=("cid/clarity", "measures/hum"))

    found = own_panel(replace(snapshot, columns=columns, provenance=dropped))
    assert found.judges == ("ann", "bob", "cid")


def test_the_verdict_is_that_of_the_same_scores_in_the_unit_interval(
    table: RatedTable, snapshot: Snapshot
) -> None:
    mine = reconcile_own(raw_ballots(table, 0), snapshot, content=ESSAY)
    same = reconcile(
        ballots_of(table, 0),
        snapshot,
        rubric=own_rubric(snapshot),
        panel=own_panel(snapshot),
        quorum=1,
        facts=replace(facts_of(table, 0), measures={}),
        reference=EMPTY_REFERENCE,
    )

    assert isinstance(mine.outcome, Scored)
    assert isinstance(same.outcome, Scored)
    assert mine.outcome.overall.score == pytest.approx(same.outcome.overall.score, abs=1e-12)
    assert mine.outcome.certificate.status is CertificateStatus.VALID
    assert "No text was given" in mine.outcome.certificate.detail
    assert mine.outcome.overall.interval is not None


def test_without_a_kind_the_score_is_an_ordering(table: RatedTable, snapshot: Snapshot) -> None:
    verdict = reconcile_own(raw_ballots(table, 0), snapshot, content=replace(ESSAY, kind=""))

    assert isinstance(verdict.outcome, Scored)
    assert verdict.outcome.certificate.status is CertificateStatus.OUT_OF_DOMAIN


@pytest.mark.parametrize(("judge", "score"), [("ann", 0.0), ("ann", 6.0), ("bob", -1.0), ("cid", 4.0)])
def test_a_score_outside_its_scale_is_an_abstention_that_names_the_scale(
    snapshot: Snapshot, judge: str, score: float
) -> None:
    found = answer(snapshot, judge, RawScore(score=score))

    assert isinstance(found, Abstention)
    assert found.reason is AbstentionReason.UNPARSEABLE
    assert "scale" in found.detail


def test_one_sample_outside_the_scale_spoils_the_answer(snapshot: Snapshot) -> None:
    assert isinstance(answer(snapshot, "ann", RawScore(samples=(2.0, 9.0))), Abstention)


@pytest.mark.parametrize(
    ("said", "value", "kind"),
    [
        (RawScore(score=4.0), 0.75, ScoreKind.SINGLE),
        (RawScore(samples=(4.0,)), 0.75, ScoreKind.SINGLE),
        (RawScore(samples=(2.0, 4.0)), 0.5, ScoreKind.SAMPLES),
        (RawScore(score=4.0, samples=(2.0, 4.0)), 0.75, ScoreKind.SAMPLES),
        (RawScore(distribution=((5.0, 0.75), (1.0, 0.25))), 0.75, ScoreKind.LOGPROBS),
    ],
)
def test_samples_and_distributions_stand_by_their_mean(
    snapshot: Snapshot, said: RawScore, value: float, kind: ScoreKind
) -> None:
    found = answer(snapshot, "ann", said)

    assert isinstance(found, Score)
    assert found.value == pytest.approx(value)
    assert found.kind is kind
    assert [x for x, _ in found.distribution] == ([0.0, 1.0] if said.distribution else [])


@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(1e-3, 1e6),
    turned=st.booleans(),
    unit=st.floats(0.0, 1.0),
)
def test_any_scale_maps_its_ends_to_zero_and_one_and_keeps_the_order(
    low: float, width: float, turned: bool, unit: float
) -> None:
    scale = Scale(low=low + width, high=low) if turned else Scale(low=low, high=low + width)
    found = scale.to_unit(scale.low + unit * (scale.high - scale.low))

    assert found == pytest.approx(unit, abs=1e-6)
    assert (scale.to_unit(scale.low), scale.to_unit(scale.high)) == (0.0, 1.0)


def test_all_judges_outside_their_scales_leave_the_item_unscored(snapshot: Snapshot) -> None:
    ballots = [
        RawBallot(judge=j, outcome={c: RawScore(score=raw(j, 2.0)) for c in CRITERIA}) for j in ("ann", "bob")
    ]

    assert isinstance(reconcile_own(ballots, snapshot, content=ESSAY).outcome, Unscored)


def test_tied_judges_are_no_special_case(snapshot: Snapshot) -> None:
    ballots = [
        RawBallot(judge=j, outcome={c: RawScore(score=raw(j, 0.5)) for c in CRITERIA})
        for j in ("ann", "bob", "cid")
    ]
    verdict = reconcile_own(ballots, snapshot, content=ESSAY)

    assert isinstance(verdict.outcome, Scored)
    assert all(isinstance(c, CriterionScore) for c in verdict.outcome.criteria)


def test_a_judge_that_nobody_rated_is_refused(snapshot: Snapshot) -> None:
    stranger = RawBallot(judge="dan", outcome={"clarity": RawScore(score=1.0)})

    with pytest.raises(ValueError, match="dan"):
        reconcile_own([stranger], snapshot, content=ESSAY)
