"""Items on which judges stand out from all others."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.aggregation.reconcile import mask_to_fit, reconcile
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.verdict import Scored
from tests.fakes.ratings import ballots_of, facts_of, fitted, make_panel, make_rubric, simulate

SKILLS = {f"judge{k}": 0.8 for k in range(7)}
PANEL = make_panel(tuple(SKILLS))


def _table(seed: int, skills: dict[str, float] = SKILLS) -> RatedTable:
    return simulate(400, skills=skills, measures=False, group_size=1, seed=seed)


def _attacked(table: RatedTable, share: float, praise: float = 0.99) -> RatedTable:
    """Two of the seven judges give the highest scores on a share of the items."""
    values = table.values.copy()
    hit = np.random.default_rng(9).uniform(size=table.items) < share
    values[np.ix_(hit, range(4))] = praise
    return replace(table, values=values)


def _scored(snapshot: Snapshot, table: RatedTable, item: int, quorum: int = 2) -> Scored:
    outcome = reconcile(
        ballots_of(table, item),
        snapshot,
        rubric=make_rubric(),
        panel=PANEL,
        quorum=quorum,
        facts=facts_of(table, item),
        reference=EMPTY_REFERENCE,
    ).outcome
    assert isinstance(outcome, Scored)
    return outcome


def _error(snapshot: Snapshot, table: RatedTable) -> float:
    truth = with_overall(table, make_rubric())["overall"]
    scores = np.array([_scored(snapshot, table, i).overall.score for i in range(150)])
    return float(np.sqrt(np.mean((scores - truth[:150]) ** 2)))


def test_two_attacked_judges_of_seven_hardly_raise_the_error() -> None:
    robust, plain = fitted(_table(0), panel=PANEL, robust=True), fitted(_table(0), panel=PANEL)
    clean, attacked = _table(1), _attacked(_table(1), 0.3)
    usual = _error(plain, clean)
    assert _error(plain, attacked) > 1.4 * usual
    assert _error(robust, attacked) <= 1.10 * usual
    assert _error(robust, clean) <= 1.02 * usual


def test_who_is_left_out_is_named_with_the_reason() -> None:
    snapshot, table = fitted(_table(0), panel=PANEL, robust=True), _attacked(_table(1), 1.0)
    low = int(np.argmin(table.targets["clarity"]))
    scored = _scored(snapshot, table, low)
    assert "Not in the number: judge0 (stands out from all others" in scored.certificate.detail
    assert not {c.column.partition("/")[0] for c in scored.overall.contributions} & {"judge0", "judge1"}


def test_nobody_is_left_out_where_the_quorum_needs_everybody() -> None:
    snapshot, table = fitted(_table(0), panel=PANEL, robust=True), _attacked(_table(1), 1.0)
    low = int(np.argmin(table.targets["clarity"]))
    assert "Not in the number" not in _scored(snapshot, table, low, quorum=7).certificate.detail


@pytest.mark.parametrize("weak", [2, 5])
def test_one_strong_judge_among_weak_ones_loses_nothing(weak: int) -> None:
    skills = {"judge0": 1.5, **{f"judge{k}": 0.3 for k in range(1, weak + 1)}}
    train, test = _table(2, skills), _table(3, skills)
    assert _error(fitted(train, panel=PANEL, robust=True), test) <= 1.01 * _error(
        fitted(train, panel=PANEL), test
    )


def test_the_mask_without_odd_judges_is_told_before_it_has_to_be_worked_out() -> None:
    snapshot, table = fitted(_table(0), panel=PANEL, robust=True), _attacked(_table(1), 1.0)
    low = int(np.argmin(table.targets["clarity"]))
    cast, facts = ballots_of(table, low), facts_of(table, low)
    everybody = mask_to_fit(cast, snapshot, panel=PANEL, facts=facts)
    assert everybody == tuple(range(14))
    fit_mask(snapshot, everybody)
    rest = mask_to_fit(cast, snapshot, panel=PANEL, facts=facts)
    assert rest == tuple(range(4, 14))
    fit_mask(snapshot, rest)
    assert mask_to_fit(cast, snapshot, panel=PANEL, facts=facts) is None
