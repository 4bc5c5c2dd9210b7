"""Later layers in a verdict: what may enter the number, and what is said when a layer fails."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.aggregation.reconcile import mask_to_fit, reconcile
from moa_scorer.calibration.files import read_snapshot, write_snapshot
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.snapshot import Snapshot, document
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, ScoreKind
from moa_scorer.domain.panel import Layer
from moa_scorer.domain.verdict import CertificateStatus, Completion, Scored, Unscored, UnscoredReason, Verdict
from tests.fakes.ratings import ballots_of, facts_of, fitted, make_panel, make_rubric, simulate

PANEL = replace(make_panel(), layers=(Layer(judges=("ann", "bob")), Layer(judges=("cid",))))
LATE = Abstention(reason=AbstentionReason.TIMEOUT)
DEAR = Abstention(reason=AbstentionReason.BUDGET)


@pytest.fixture(scope="module")
def table() -> RatedTable:
    return simulate(items=300)


@pytest.fixture(scope="module")
def snapshot(table: RatedTable) -> Snapshot:
    return fitted(table)


def fuse(
    table: RatedTable, snapshot: Snapshot | None, ballots: tuple[Ballot, ...], **over: object
) -> Verdict:
    arguments: dict[str, object] = {
        "rubric": make_rubric(),
        "panel": PANEL,
        "quorum": 2,
        "facts": facts_of(table, 0),
        "reference": EMPTY_REFERENCE,
        **over,
    }
    return reconcile(ballots, snapshot, **arguments)


def cast(table: RatedTable, read: tuple[str, ...], **absent: Abstention) -> tuple[Ballot, ...]:
    """Item 0's ballots; `cid` sits in the second layer and has read these."""
    return tuple(
        replace(b, outcome=replace(b.outcome, read=read))
        if b.judge == "cid" and isinstance(b.outcome, Judgment)
        else b
        for b in ballots_of(table, 0, absent)
    )


def scored(verdict: Verdict) -> Scored:
    assert isinstance(verdict.outcome, Scored)
    return verdict.outcome


def columns(verdict: Verdict) -> set[str]:
    return {c.column.partition("/")[0] for c in scored(verdict).overall.contributions} - {"measures"}


def test_a_later_ballot_that_read_all_before_it_counts_like_any_other(
    table: RatedTable, snapshot: Snapshot
) -> None:
    verdict = fuse(table, snapshot, cast(table, ("ann", "bob")))
    plain = fuse(table, snapshot, ballots_of(table, 0), panel=make_panel())
    assert scored(verdict).overall == scored(plain).overall
    assert verdict.degraded == ""


@pytest.mark.parametrize("read", [(), ("ann",), ("bob", "cid")])
def test_a_later_ballot_that_read_less_is_shown_but_not_in_the_number(
    table: RatedTable, snapshot: Snapshot, read: tuple[str, ...]
) -> None:
    ballots = cast(table, read)
    verdict = fuse(table, snapshot, ballots)
    without = fuse(table, snapshot, ballots_of(table, 0, {"cid": LATE}))
    assert scored(verdict).overall == scored(without).overall
    assert "cid" not in columns(verdict)
    assert verdict.ballots == ballots
    assert scored(verdict).certificate.status is CertificateStatus.VALID
    assert verdict.degraded.startswith("layer 2 gave no judgment that counts (cid: read ")
    assert "Not in the number: cid (read " in scored(verdict).certificate.detail
    assert mask_to_fit(ballots, snapshot, panel=PANEL, facts=facts_of(table, 0)) is None


def test_without_a_fit_every_ballot_counts(table: RatedTable) -> None:
    assert columns(fuse(table, None, cast(table, ("ann",)))) == {"ann", "bob", "cid"}


def test_a_ballot_that_does_not_count_does_not_fill_the_quorum(table: RatedTable, snapshot: Snapshot) -> None:
    verdict = fuse(table, snapshot, cast(table, ("ann",), bob=LATE))
    assert isinstance(verdict.outcome, Unscored)
    assert "read 1 of the 2" in dict(verdict.outcome.abstentions)["cid"].detail


def test_a_later_layer_that_fails_leaves_the_result_of_the_others_and_says_so(
    table: RatedTable, snapshot: Snapshot
) -> None:
    verdict = fuse(table, snapshot, cast(table, (), cid=LATE))
    assert verdict.degraded == "layer 2 gave no judgment (cid: timeout): the result of the ballots at hand."
    assert verdict.completion is Completion.PARTIAL
    assert (
        scored(verdict).overall
        == scored(fuse(table, snapshot, ballots_of(table, 0, {"cid": LATE}), panel=make_panel())).overall
    )


def test_a_later_layer_short_of_its_quorum_is_said_and_a_missing_ballot_is_none(table: RatedTable) -> None:
    panel = replace(PANEL, layers=(Layer(judges=("ann",)), Layer(judges=("bob", "cid"), quorum=2)))
    verdict = fuse(table, None, cast(table, ("ann",))[:2], panel=panel)
    assert verdict.degraded.startswith("layer 2 missed its quorum, 1 of 2 judged (cid: no ballot)")
    provisional = fuse(table, None, cast(table, ("ann",))[:2], panel=panel, provisional=True)
    assert provisional.degraded == ""


def test_money_that_left_judges_out_is_named_before_time() -> None:
    table = simulate(items=30)
    unscored = fuse(table, None, cast(table, (), ann=DEAR, bob=LATE)).outcome
    assert isinstance(unscored, Unscored)
    assert unscored.reason is UnscoredReason.COST_CEILING


def test_what_nobody_has_rated_says_how_to_change_that(table: RatedTable) -> None:
    assert "rate about 100" in scored(fuse(table, None, cast(table, ()))).certificate.detail


# Kinds of scores


def with_kind(ballots: tuple[Ballot, ...], judge: str, kind: ScoreKind) -> tuple[Ballot, ...]:
    def turned(ballot: Ballot) -> Ballot:
        assert isinstance(ballot.outcome, Judgment)
        answers = {c: replace(s, kind=kind) for c, s in ballot.scores().items()}
        return replace(ballot, outcome=replace(ballot.outcome, answers=answers))

    return tuple(turned(b) if b.judge == judge else b for b in ballots)


def test_a_score_of_another_kind_than_was_rated_is_not_in_the_number(
    table: RatedTable, snapshot: Snapshot
) -> None:
    odd = with_kind(cast(table, ("ann", "bob")), "ann", ScoreKind.SAMPLES)
    verdict = fuse(table, snapshot, odd)
    assert columns(verdict) == {"bob", "cid"}
    detail = scored(verdict).certificate.detail
    assert "ann (its scores are samples, those that were rated single)" in detail


def test_a_score_of_a_stand_in_is_not_in_the_number(table: RatedTable, snapshot: Snapshot) -> None:
    stood_in = tuple(
        replace(b, stand_in="spare") if b.judge == "ann" else b for b in cast(table, ("ann", "bob"))
    )
    verdict = fuse(table, snapshot, stood_in)
    assert columns(verdict) == {"bob", "cid"}
    assert "ann (spare stood in, whose scores were not rated)" in scored(verdict).certificate.detail


def test_curves_of_a_kind_hold_for_that_kind(table: RatedTable) -> None:
    kinds = {c: ScoreKind.LOGPROBS for c in table.columns if c.startswith("ann/")}
    snapshot = fitted(replace(table, kinds=kinds))
    same = with_kind(cast(table, ("ann", "bob")), "ann", ScoreKind.LOGPROBS)
    assert columns(fuse(table, snapshot, same)) == {"ann", "bob", "cid"}
    assert columns(fuse(table, snapshot, cast(table, ("ann", "bob")))) == {"bob", "cid"}


def test_a_snapshot_says_a_columns_kind_only_where_it_is_not_the_usual_one(
    table: RatedTable, snapshot: Snapshot, tmp_path
) -> None:
    assert all("kind" not in column for column in document(snapshot)["columns"])
    other = fitted(replace(table.take(np.arange(60)), kinds={"ann/clarity": ScoreKind.LOGPROBS}))
    write_snapshot(other, tmp_path / "s.json.gz")
    again = read_snapshot(tmp_path / "s.json.gz")
    assert again == other
    assert again.columns[0].kind is ScoreKind.LOGPROBS
