"""A snapshot that something speaks against gives a score, no interval, and the reason."""

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.verdict import CertificateStatus, Scored
from tests.fakes.ratings import ballots_of, facts_of, fitted, make_panel, make_rubric, simulate

TABLE = simulate()
SNAPSHOT = fitted(TABLE)
ALARM = Standing(alarms={"ann": "scores higher than it did"})


def scored(standing: Standing, without: tuple[str, ...] = ()) -> Scored:
    late = dict.fromkeys(without, Abstention(reason=AbstentionReason.TIMEOUT))
    verdict = reconcile(
        ballots_of(TABLE, 0, late),
        SNAPSHOT,
        rubric=make_rubric(),
        panel=make_panel(),
        quorum=1,
        facts=facts_of(TABLE, 0),
        reference=EMPTY_REFERENCE,
        standing=standing,
    )
    assert isinstance(verdict.outcome, Scored)
    return verdict.outcome


def test_an_open_alarm_takes_the_interval_and_leaves_the_score() -> None:
    fresh, stale = scored(Standing()), scored(ALARM)

    assert fresh.certificate.status is CertificateStatus.VALID
    assert stale.certificate.status is CertificateStatus.STALE
    assert "ann scores higher than it did" in stale.certificate.detail
    assert stale.overall.interval is None
    assert stale.overall.score == fresh.overall.score


def test_without_the_judge_in_question_the_others_stay_calibrated() -> None:
    assert scored(ALARM, without=("ann",)).certificate.status is CertificateStatus.VALID


def test_a_snapshot_past_its_limit_is_stale_whoever_answers() -> None:
    certificate = scored(Standing(expired="fitted 400 days ago"), without=("ann",)).certificate

    assert certificate.status is CertificateStatus.STALE
    assert "fitted 400 days ago" in certificate.detail
    assert certificate.snapshot == SNAPSHOT.revision
