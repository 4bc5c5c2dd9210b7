"""Which way judges score."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.polarity import Polarity, beside_the_clear, polarities, polarity_notes
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable, Scale
from moa_scorer.domain.verdict import CertificateStatus, Scored
from tests.fakes.ratings import SKILLS, ballots_of, facts_of, fitted, make_panel, make_rubric, simulate

SEEN = Scale(low=0.0, high=1.0, declared=False)


def _turned(table: RatedTable, judge: str) -> RatedTable:
    """The table with one judge's scores upside down."""
    values = table.values.copy()
    mine = [k for k, c in enumerate(table.columns) if c.startswith(f"{judge}/")]
    values[:, mine] = 1 - values[:, mine]
    return replace(table, values=values)


def _undeclared(table: RatedTable) -> RatedTable:
    return replace(table, scales=dict.fromkeys(SKILLS, SEEN))


def _polarities(table: RatedTable) -> dict[str, Polarity]:
    targets = {**table.targets, "overall": table.targets["clarity"]}
    found = polarities(table.columns, table.values, targets, table.groups, table.scales, 0)
    return {p.judge: p for p in found}


def _scored(table: RatedTable, item: int, snapshot: Snapshot) -> Scored:
    outcome = reconcile(
        ballots_of(table, item),
        snapshot,
        rubric=make_rubric(),
        panel=make_panel(),
        quorum=2,
        facts=facts_of(table, item),
        reference=EMPTY_REFERENCE,
    ).outcome
    assert isinstance(outcome, Scored)
    return outcome


def _overall(table: RatedTable, snapshot: Snapshot) -> list[float]:
    return [_scored(table, i, snapshot).overall.score for i in range(40)]


def test_a_reversed_judge_that_nobody_declared_scores_as_if_it_were_turned() -> None:
    table = _undeclared(simulate(measures=False))
    turned = _turned(table, "ann")
    plain, found = fitted(table), fitted(turned)
    assert found.reversed_judges == ("ann",)
    assert plain.reversed_judges == ()
    assert _overall(turned, found) == pytest.approx(_overall(table, plain), abs=2e-4)


def test_a_reversed_judge_keeps_its_votes_and_its_own_say() -> None:
    table = _undeclared(simulate(measures=False))
    everything = tuple(range(6))
    plain, found = fit_mask(fitted(table), everything), fit_mask(fitted(_turned(table, "ann")), everything)
    assert found.votes == pytest.approx(plain.votes, abs=1e-3)
    for own, turned in zip(plain.heads["overall"].effects, found.heads["overall"].effects, strict=True):
        assert turned.deviation == pytest.approx(own.deviation, abs=1e-4)
        if own.column < 2:
            assert own.alone is not None
            assert turned.alone is not None
            assert turned.alone[::-1] == pytest.approx(own.alone, abs=2e-3)


def test_a_declared_judge_is_never_turned_and_is_named() -> None:
    table = replace(_turned(simulate(), "ann"), scales={"ann": Scale(low=0.0, high=1.0)})
    snapshot = fitted(table)
    assert snapshot.reversed_judges == ()
    (note,) = snapshot.provenance.notes
    assert note.startswith("ann was declared to score as people do, yet goes against them")


def test_a_reversed_judge_is_named_in_notes_and_certificate() -> None:
    table = _undeclared(_turned(simulate(measures=False), "bob"))
    snapshot = fitted(table)
    assert any(
        n.startswith("bob scores the other way (rank correlation -0.") for n in snapshot.provenance.notes
    )
    certificate = _scored(table, 3, snapshot).certificate
    assert certificate.status is CertificateStatus.VALID
    assert certificate.detail.endswith("declared by nobody: bob scores the other way.")


def test_noise_is_not_turned() -> None:
    turned = 0
    for seed in range(20):
        table = simulate(120, skills={"ann": 1.0, "dud": 0.0}, seed=seed, measures=False)
        turned += _polarities(replace(table, scales={"dud": SEEN}))["dud"].reversed
    assert turned <= 2


def test_a_judge_without_own_criteria_is_read_by_the_mean_of_its_columns() -> None:
    table = simulate(measures=False)
    renamed = tuple(c if i > 1 else f"ann/{'xy'[i]}" for i, c in enumerate(table.columns))
    found = _polarities(replace(table, columns=renamed))["ann"]
    expected = spearmanr(table.values[:, :2].mean(axis=1), table.targets["clarity"]).statistic
    assert found.correlation == pytest.approx(expected, abs=1e-9)


def test_gaps_empty_and_tied_judges_have_a_polarity_or_none() -> None:
    table = simulate(measures=False)
    values = table.values.copy()
    values[:, 0:2], values[:, 2:4], values[::2, 4:6] = np.nan, 0.5, np.nan
    found = _polarities(replace(table, values=values))
    assert set(found) == {"cid"}
    assert polarity_notes(tuple(found.values())) == ()


def _few(table: RatedTable, items: int = 20) -> RatedTable:
    return table.take(np.arange(items))


def test_with_few_ratings_a_clearly_reversed_judge_is_turned_in_the_ordering() -> None:
    table = _undeclared(simulate(measures=False, group_size=1, skills={"ann": 1.5, "bob": 1.5, "cid": 1.5}))
    turned = _turned(_turned(table, "ann"), "bob")
    plain, found = (fitted(_few(t), reference=EMPTY_REFERENCE) for t in (table, turned))
    assert found.reversed_judges == ("ann", "bob")
    assert found.heads == plain.heads
    assert _overall(turned, found) == pytest.approx(_overall(table, plain))
    words = _scored(turned, 0, found).certificate.detail
    assert "found in the ratings to score the other way, and read so: ann, bob" in words
    assert "nobody declared that higher is better, and it is taken so: cid" in words


def test_a_handful_of_ratings_turns_nobody_by_chance() -> None:
    table = _undeclared(simulate(measures=False, group_size=1))
    values, targets = table.values.copy(), {c: np.sort(y)[::-1].copy() for c, y in table.targets.items()}
    values[:, :] = np.sort(values, axis=0)
    reversed_ = replace(table, values=values, targets=targets)
    assert not fitted(_few(reversed_, 3), reference=EMPTY_REFERENCE).reversed_judges
    assert fitted(_few(reversed_, 12), reference=EMPTY_REFERENCE).reversed_judges == ("ann", "bob", "cid")


def test_dependent_items_count_as_what_they_are_worth() -> None:
    table = simulate(items=100, measures=False, group_size=50, skills={"ann": -0.3}, group_noise=1.0)
    for seed in range(5):
        shuffled = replace(table, groups=tuple(f"g{(i + seed) // 50}" for i in range(100)))
        for one in _polarities(shuffled).values():
            assert one.upper > 0


def test_a_judge_whose_ratings_leave_it_open_is_told_by_those_that_are_clear() -> None:
    judges = ("ann", "bob", "cid")
    rng = np.random.default_rng(0)
    truth = rng.normal(size=20)
    mood = rng.normal(size=20)
    said = np.column_stack([truth + 0.7 * mood, truth + 0.8 * mood, -0.4 * truth - mood])
    values = 1 / (1 + np.exp(-said))
    table = replace(
        _few(simulate(measures=False, group_size=1, criteria=("clarity",))),
        columns=tuple(f"{j}/clarity" for j in judges),
        values=values,
        targets={"clarity": 1 / (1 + np.exp(-truth - 0.1 * rng.normal(size=20)))},
        scales=dict.fromkeys(judges, SEEN),
    )
    targets = {**table.targets, "overall": table.targets["clarity"]}
    alone = polarities(table.columns, table.values, targets, table.groups, table.scales, 0)
    told = beside_the_clear(alone, table.columns, table.values, targets)
    assert [p.reversed for p in alone] == [False, False, False]
    assert [p.reversed for p in told] == [False, False, True]
    assert "with the judges whose direction is clear" in polarity_notes(told)[0]
    declared = [replace(p, declared=True) for p in alone]
    assert beside_the_clear(declared, table.columns, table.values, targets) == tuple(declared)


def test_without_a_clear_judge_nobody_is_told_by_the_others() -> None:
    table = _few(_undeclared(simulate(measures=False, skills={"ann": 0.0, "bob": 0.0})), 8)
    targets = {**table.targets, "overall": table.targets["clarity"]}
    found = polarities(table.columns, table.values, targets, table.groups, table.scales, 0)
    unclear = [replace(p, lower=-0.5, upper=0.5) for p in found]
    assert beside_the_clear(unclear, table.columns, table.values, targets) == tuple(unclear)
