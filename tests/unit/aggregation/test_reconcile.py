"""Ballots and a snapshot -> a verdict, on full, partial, missing, empty, tied, reversed and invalid input."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.aggregation.ordering import ordering_words
from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.reference import EMPTY_REFERENCE, Reference, fit_reference, order_of
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score
from moa_scorer.domain.verdict import (
    CertificateStatus,
    Completion,
    CriterionScore,
    CriterionUnscored,
    IntervalKind,
    Scored,
    Unscored,
    UnscoredReason,
    Verdict,
)
from tests.fakes.ratings import CRITERIA, ballots_of, facts_of, fitted, make_panel, make_rubric, simulate

TIMEOUT = Abstention(reason=AbstentionReason.TIMEOUT)
TOO_SHORT = Abstention(reason=AbstentionReason.TOO_SHORT)


@pytest.fixture(scope="module")
def table() -> RatedTable:
    return simulate(items=400)


@pytest.fixture(scope="module")
def snapshot(table: RatedTable) -> Snapshot:
    return fitted(table)


@pytest.fixture(scope="module")
def reference(table: RatedTable) -> Reference:
    return fit_reference(table, corpus="test")


def fuse(
    table: RatedTable, snapshot: Snapshot | None, ballots: tuple[Ballot, ...] | None = None, **over: object
) -> Verdict:
    """The verdict of item 0 with some arguments changed."""
    arguments: dict[str, object] = {
        "rubric": make_rubric(),
        "panel": make_panel(),
        "quorum": 2,
        "facts": facts_of(table, 0),
        "reference": EMPTY_REFERENCE,
        **over,
    }
    return reconcile(ballots_of(table, 0) if ballots is None else ballots, snapshot, **arguments)


def scored(verdict: Verdict) -> Scored:
    assert isinstance(verdict.outcome, Scored)
    return verdict.outcome


def test_a_full_panel_gives_a_valid_score_with_an_interval(table: RatedTable, snapshot: Snapshot) -> None:
    verdict = fuse(table, snapshot)
    found = scored(verdict)
    assert verdict.completion is Completion.COMPLETE
    assert (verdict.planned, verdict.answered) == (3, 3)
    assert found.certificate.status is CertificateStatus.VALID
    assert found.certificate.snapshot == "essay.essay.trio@1"
    assert found.certificate.raters == 3.0
    assert [c.name for c in found.criteria] == list(CRITERIA)
    for one in (found.overall, *found.criteria):
        assert isinstance(one, CriterionScore)
        assert one.interval is not None
        assert 0 <= one.interval.lower <= one.score <= one.interval.upper <= 1
        assert (one.interval.coverage, one.interval.kind) == (0.9, IntervalKind.MARGINAL)
        assert one.value == pytest.approx(1 + 4 * one.score)
    parts = found.overall.contributions
    assert found.overall.baseline + sum(c.amount for c in parts) == pytest.approx(found.overall.score)
    assert {c.column for c in parts} <= set(table.columns)


def test_a_missing_judge_gives_a_partial_score_and_never_a_zero(
    table: RatedTable, snapshot: Snapshot
) -> None:
    full = scored(fuse(table, snapshot))
    verdict = fuse(table, snapshot, ballots_of(table, 0, {"cid": TIMEOUT}))
    part = scored(verdict)
    assert verdict.completion is Completion.PARTIAL
    assert part.certificate.status is CertificateStatus.VALID
    assert abs(part.overall.score - full.overall.score) < 0.2
    assert not [c for c in part.overall.contributions if c.column.startswith("cid/")]


def test_a_judge_without_a_ballot_counts_like_one_that_abstained(
    table: RatedTable, snapshot: Snapshot
) -> None:
    absent = fuse(table, snapshot, ballots_of(table, 0)[:2])
    abstained = fuse(table, snapshot, ballots_of(table, 0, {"cid": TIMEOUT}))
    assert absent.outcome == abstained.outcome
    assert absent.completion is Completion.PARTIAL


@pytest.mark.parametrize("fit", [True, False])
def test_all_missing_is_unscored_with_every_reason(table: RatedTable, snapshot: Snapshot, fit: bool) -> None:
    missing = {"ann": TIMEOUT, "bob": TOO_SHORT, "cid": TOO_SHORT}
    verdict = fuse(table, snapshot if fit else None, ballots_of(table, 0, missing))
    assert isinstance(verdict.outcome, Unscored)
    assert verdict.outcome.abstentions == tuple(missing.items())
    assert verdict.outcome.reason is UnscoredReason.BUDGET_EXHAUSTED
    assert (verdict.completion, verdict.answered) == (Completion.UNSCORED, 0)


def test_no_ballots_at_all_are_a_missed_quorum(table: RatedTable, snapshot: Snapshot) -> None:
    verdict = fuse(table, snapshot, ())
    assert isinstance(verdict.outcome, Unscored)
    assert verdict.outcome.reason is UnscoredReason.QUORUM_MISSED
    assert [j for j, _ in verdict.outcome.abstentions] == ["ann", "bob", "cid"]


def test_even_a_quorum_of_none_needs_one_judge(table: RatedTable) -> None:
    assert isinstance(fuse(table, None, (), quorum=0).outcome, Unscored)


def test_one_judge_short_of_the_quorum_is_unscored(table: RatedTable, snapshot: Snapshot) -> None:
    missing = {"bob": TOO_SHORT, "cid": TOO_SHORT}
    assert isinstance(fuse(table, snapshot, ballots_of(table, 0, missing)).outcome, Unscored)
    assert isinstance(fuse(table, snapshot, ballots_of(table, 0, missing), quorum=1).outcome, Scored)


def test_tied_judges_are_no_special_case(table: RatedTable, snapshot: Snapshot) -> None:
    tied = tuple(
        Ballot(judge=j, outcome=Judgment(answers={c: Score(value=0.5) for c in CRITERIA}))
        for j in ("ann", "bob", "cid")
    )
    assert scored(fuse(table, None, tied)).overall.score == pytest.approx(0.5)
    assert 0 < scored(fuse(table, snapshot, tied)).overall.score < 1


def test_a_judge_that_was_reversed_when_rated_does_not_pull_the_wrong_way(table: RatedTable) -> None:
    values = table.values.copy()
    values[:, :2] = 1 - values[:, :2]
    turned = replace(table, values=values)
    snapshot = fitted(turned)
    one = fuse(turned, snapshot, (*ballots_of(turned, 0)[1:], _all("ann", 1.0)))
    other = fuse(turned, snapshot, (*ballots_of(turned, 0)[1:], _all("ann", 0.0)))
    assert abs(scored(one).overall.score - scored(other).overall.score) < 0.03


def _all(judge: str, value: float) -> Ballot:
    return Ballot(judge=judge, outcome=Judgment(answers={c: Score(value=value) for c in CRITERIA}))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.01, 1.01, 7.0])
@pytest.mark.parametrize("fit", [True, False])
def test_an_impossible_score_is_an_abstention_and_never_clipped(
    table: RatedTable, snapshot: Snapshot, value: float, fit: bool
) -> None:
    chosen = snapshot if fit else None
    broken = (*ballots_of(table, 0)[:2], _all("cid", value))
    verdict = fuse(table, chosen, broken)
    assert verdict.outcome == fuse(table, chosen, ballots_of(table, 0, {"cid": TIMEOUT})).outcome
    assert verdict.answered == 2
    answer = verdict.ballots[2].answer("clarity")
    assert isinstance(answer, Abstention)
    assert answer.reason is AbstentionReason.PROVIDER_ERROR


def test_a_criterion_that_too_few_judged_is_unscored_beside_a_scored_overall(
    table: RatedTable, snapshot: Snapshot
) -> None:
    ballots = tuple(
        replace(b, outcome=replace(b.outcome, answers={**b.outcome.answers, "depth": TIMEOUT}))
        if b.judge != "ann" and isinstance(b.outcome, Judgment)
        else b
        for b in ballots_of(table, 0)
    )
    found = scored(fuse(table, snapshot, ballots))
    clarity, depth = found.criteria
    assert isinstance(clarity, CriterionScore)
    assert isinstance(depth, CriterionUnscored)
    assert [j for j, _ in depth.abstentions] == ["bob", "cid"]
    assert found.overall.interval is not None


def test_the_order_of_ballots_does_not_matter(table: RatedTable, snapshot: Snapshot) -> None:
    verdicts = {repr(fuse(table, snapshot, order)) for order in permutations(ballots_of(table, 0))}
    assert len(verdicts) == 1


def test_the_same_input_gives_the_same_bits_from_another_copy_of_the_snapshot(
    table: RatedTable, snapshot: Snapshot
) -> None:
    for item in range(10):
        again = fuse(table, fitted(table), ballots_of(table, item), facts=facts_of(table, item))
        assert repr(again) == repr(
            fuse(table, snapshot, ballots_of(table, item), facts=facts_of(table, item))
        )


def test_a_stranger_or_a_second_ballot_is_a_bug(table: RatedTable, snapshot: Snapshot) -> None:
    with pytest.raises(ValueError, match="zoe"):
        fuse(table, snapshot, (_all("zoe", 0.5),))
    with pytest.raises(ValueError, match="two ballots"):
        fuse(table, snapshot, (_all("ann", 0.5), _all("ann", 0.6)))


@settings(max_examples=60, deadline=None)
@given(
    scores=st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True), min_size=6, max_size=6),
    fit=st.booleans(),
)
def test_whatever_judges_say_every_number_is_on_the_scale(
    table: RatedTable, snapshot: Snapshot, scores: list[float | None], fit: bool
) -> None:
    ballots = []
    for k, judge in enumerate(("ann", "bob", "cid")):
        pair = zip(CRITERIA, scores[2 * k : 2 * k + 2], strict=True)
        answers = {c: TIMEOUT if s is None else Score(value=s) for c, s in pair}
        ballots.append(Ballot(judge=judge, outcome=Judgment(answers=answers)))
    verdict = fuse(table, snapshot if fit else None, tuple(ballots), quorum=1)
    good = [s for s in scores if s is not None and 0 <= s <= 1]
    assert isinstance(verdict.outcome, Scored) is bool(good)
    if isinstance(verdict.outcome, Scored):
        for one in (verdict.outcome.overall, *verdict.outcome.criteria):
            assert isinstance(one, CriterionUnscored) or 0 <= one.score <= 1


def test_better_scores_never_lower_the_result(table: RatedTable, snapshot: Snapshot) -> None:
    by_value = [
        scored(fuse(table, snapshot, (*ballots_of(table, 0)[:2], _all("cid", x)))).overall.score
        for x in np.linspace(0, 1, 9).tolist()
    ]
    assert by_value == sorted(by_value)


# Certificates


def status(verdict: Verdict) -> tuple[CertificateStatus, str]:
    found = scored(verdict)
    if found.certificate.status is not CertificateStatus.VALID:
        assert all(
            c.interval is None for c in (found.overall, *found.criteria) if isinstance(c, CriterionScore)
        )
        assert "ordering" in found.certificate.detail
    return found.certificate.status, found.certificate.detail


@pytest.mark.parametrize(
    ("kind", "language", "words"),
    [
        ("", "en", "no kind was declared"),
        ("poem", "en", "of kind essay, this is of kind poem"),
        ("essay", "de", "in en, this is in de"),
        ("essay", "", "language could not be told"),
    ],
)
def test_another_kind_or_language_is_out_of_domain(
    table: RatedTable, snapshot: Snapshot, kind: str, language: str, words: str
) -> None:
    facts = facts_of(table, 0, kind=kind, language=language)
    found, detail = status(fuse(table, snapshot, facts=facts))
    assert found is CertificateStatus.OUT_OF_DOMAIN
    assert words in detail


def test_scores_unlike_any_rated_item_are_out_of_support(table: RatedTable, snapshot: Snapshot) -> None:
    odd = (_all("ann", 0.999), _all("bob", 0.001), _all("cid", 0.999))
    found, detail = status(fuse(table, snapshot, odd))
    assert found is CertificateStatus.OUT_OF_SUPPORT
    assert "unlike" in detail


def test_an_abstention_that_ratings_never_saw_is_out_of_support(
    table: RatedTable, snapshot: Snapshot
) -> None:
    no_context = Abstention(reason=AbstentionReason.NO_CONTEXT)
    found, detail = status(fuse(table, snapshot, ballots_of(table, 0, {"cid": no_context})))
    assert found is CertificateStatus.OUT_OF_SUPPORT
    assert "cid abstained (no context)" in detail
    assert "give the prompt" in detail


def test_without_ratings_the_score_is_an_ordering(table: RatedTable, reference: Reference) -> None:
    verdict = fuse(table, None, reference=reference)
    found, detail = status(verdict)
    assert found is CertificateStatus.UNCALIBRATED
    assert "mean over all judges" in detail
    overall = scored(verdict).overall
    assert sum(c.amount for c in overall.contributions) == pytest.approx(overall.score)
    assert scored(verdict).effective_votes is None


def test_judges_without_reference_quantiles_are_named(table: RatedTable) -> None:
    _, detail = status(fuse(table, None))
    assert "(raw scores of ann, bob, cid)" in detail


def test_of_a_judge_with_some_reference_quantiles_the_other_columns_are_named(reference: Reference) -> None:
    known = next(iter(reference.quantiles))
    judge = known.partition("/")[0]
    words = ordering_words({known: 0.5, f"{judge}/unheard": 0.5, "new/one": 0.5, "new/two": 0.5}, reference)
    assert f"(raw scores of {judge}/unheard, new)" in words


def test_an_ordering_takes_each_judge_by_its_own_column_where_it_has_one(table: RatedTable) -> None:
    ballots = (
        Ballot(
            judge="ann", outcome=Judgment(answers={"clarity": Score(value=0.9), "depth": Score(value=0.1)})
        ),
        Ballot(judge="bob", outcome=Judgment(answers={"style": Score(value=0.5)})),
    )
    found = scored(fuse(table, None, ballots))
    clarity, depth = (c for c in found.criteria if isinstance(c, CriterionScore))
    assert (clarity.score, depth.score) == (pytest.approx(0.7), pytest.approx(0.3))
    assert found.overall.score == pytest.approx(0.5)


def test_other_weights_of_the_rubric_are_uncalibrated(table: RatedTable, snapshot: Snapshot) -> None:
    found, detail = status(fuse(table, snapshot, rubric=make_rubric(weights=(2.0, 1.0))))
    assert found is CertificateStatus.UNCALIBRATED
    assert "weights" in detail
    renamed = replace(make_rubric(), version=2)
    assert "rubric essay@1, not essay@2" in status(fuse(table, snapshot, rubric=renamed))[1]


def test_another_panel_or_a_changed_judge_is_uncalibrated(table: RatedTable, snapshot: Snapshot) -> None:
    panel = replace(make_panel(), version=2)
    assert status(fuse(table, snapshot, panel=panel))[0] is CertificateStatus.UNCALIBRATED
    same = {"ann": "r1", "bob": "r1", "cid": "r1"}
    assert status(fuse(table, snapshot, judge_revisions=same))[0] is CertificateStatus.VALID
    found, detail = status(fuse(table, snapshot, judge_revisions={**same, "bob": "r2"}))
    assert found is CertificateStatus.UNCALIBRATED
    assert "changed since the fit: bob" in detail


def test_a_handful_of_ratings_only_moves_the_ordering(table: RatedTable, reference: Reference) -> None:
    few = fitted(table.take(np.arange(12)), reference=reference)
    moved, plain = fuse(table, few, reference=reference), fuse(table, None, reference=reference)
    offset = few.head("clarity").offset
    clarity, before = scored(moved).criteria[0], scored(plain).criteria[0]
    assert isinstance(clarity, CriterionScore)
    assert isinstance(before, CriterionScore)
    assert clarity.score == pytest.approx(min(max(before.score + offset, 0), 1))
    assert status(moved)[0] is CertificateStatus.UNCALIBRATED
    assert "only 12 items are rated" in status(moved)[1]


def test_a_handful_of_yes_or_no_ratings_says_how_judges_count(
    table: RatedTable, reference: Reference
) -> None:
    yes = {c: (y > np.median(y)).astype(float) for c, y in table.targets.items()}
    few = fitted(replace(table, targets=yes).take(np.arange(12)), reference=reference)
    head = few.head("clarity")
    moved = fuse(table, few, reference=reference)
    clarity = scored(moved).criteria[0]
    assert isinstance(clarity, CriterionScore)
    values = {
        f"{judge}/clarity": table.values[0, table.columns.index(f"{judge}/clarity")] for judge in head.coins
    }
    order = order_of(values, reference, head="clarity", coins=head.coins)
    assert clarity.score == pytest.approx(min(max(order + head.offset, 0.0), 1.0))
    assert "each judge counting as often as it was right" in status(moved)[1]


def test_a_provisional_verdict_says_so(table: RatedTable, snapshot: Snapshot) -> None:
    verdict = fuse(table, snapshot, ballots_of(table, 0)[:2], provisional=True)
    assert verdict.completion is Completion.PROVISIONAL


def test_a_judge_whose_columns_were_never_rated_does_not_fill_the_quorum(table: RatedTable) -> None:
    columns = [k for k, c in enumerate(table.columns) if not c.startswith("cid/")]
    narrow = replace(table, columns=tuple(table.columns[k] for k in columns), values=table.values[:, columns])
    snapshot = fitted(narrow)
    assert isinstance(fuse(table, snapshot, ballots_of(table, 0)).outcome, Scored)
    assert isinstance(fuse(table, snapshot, ballots_of(table, 0, {"bob": TIMEOUT})).outcome, Unscored)
