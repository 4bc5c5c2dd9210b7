"""Ratings -> snapshot."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from moa_scorer.calibration.apply import fused_score, mask_of, places_of, seen
from moa_scorer.calibration.fit import sample_groups, with_overall
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.reference import fit_reference
from moa_scorer.calibration.snapshot import Snapshot, Stage
from moa_scorer.calibration.table import RatedTable
from tests.fakes.ratings import fitted, make_rubric, simulate


def _scores(snapshot: Snapshot, table: RatedTable, head: str = "overall") -> np.ndarray:
    found = []
    for row in table.values.tolist():
        places = places_of(snapshot, dict(zip(table.columns, row, strict=True)))
        fit = fit_mask(snapshot, mask_of(places))
        found.append(fused_score(fit.heads[head], seen(fit, places)))
    return np.array(found)


def test_the_panel_beats_its_best_column_on_unseen_items() -> None:
    train, test = simulate(seed=1), simulate(seed=2)
    truth = with_overall(test, make_rubric())["overall"]
    fused = spearmanr(_scores(fitted(train), test), truth).statistic
    best = max(spearmanr(test.values[:, k], truth).statistic for k in range(6))
    assert fused > best + 0.03


def test_the_same_seed_gives_the_same_snapshot() -> None:
    table = simulate(items=120)
    assert fitted(table) == fitted(table)
    assert fitted(table).digest == fitted(table).digest
    assert fitted(table).digest != fitted(table, seed=8).digest


def test_the_order_of_columns_does_not_change_a_score() -> None:
    table = simulate(items=150)
    order = np.random.default_rng(0).permutation(len(table.columns))
    mixed = replace(table, columns=tuple(table.columns[k] for k in order), values=table.values[:, order])
    assert _scores(fitted(mixed), mixed) == pytest.approx(_scores(fitted(table), table), abs=1e-5)


def test_the_scale_of_a_column_does_not_change_a_score() -> None:
    table = simulate(items=150)
    shrunk = replace(table, values=table.values * np.linspace(0.3, 0.9, len(table.columns)))
    assert _scores(fitted(shrunk), shrunk) == pytest.approx(_scores(fitted(table), table), abs=2e-3)


def test_scores_have_few_ties() -> None:
    table = simulate()
    scores = _scores(fitted(table), table)
    assert len(set(np.round(scores, 9).tolist())) > 0.99 * table.items


def test_a_measure_enters_with_its_own_sign_and_noise_does_not() -> None:
    table = simulate(items=600)
    snapshot = fitted(table)
    overall = snapshot.head("overall")
    curves = {snapshot.columns[k].name: curve for k, curve in zip(overall.used, overall.curves, strict=True)}
    assert "measures/hum" not in curves
    assert curves["measures/words"][0] > curves["measures/words"][-1]
    effects = fit_mask(snapshot, tuple(range(len(snapshot.columns)))).heads["overall"].effects
    reach = {snapshot.columns[e.column].name: e.values[0] - e.values[-1] for e in effects}
    assert reach["measures/words"] > 0.05
    assert abs(reach.get("measures/hum", 0.0)) < 0.05


def test_a_measure_that_changes_sign_between_sources_is_left_out() -> None:
    table = simulate(items=600, measures=False)
    target = table.targets["clarity"]
    sign = np.array([1.0 if s in ("writer0", "writer1", "writer2") else -1.0 for s in table.sources])
    turning = np.append(table.values, (sign * target)[:, None], axis=1)
    snapshot = fitted(replace(table, columns=(*table.columns, "measures/turn"), values=turning))
    position = [c.name for c in snapshot.columns].index("measures/turn")
    assert all(position not in (*h.used, *h.lines) for h in snapshot.heads)


def test_a_reversed_judge_is_flat_and_so_says_nothing() -> None:
    table = simulate()
    values = table.values.copy()
    values[:, :2] = 1 - values[:, :2]
    snapshot = fitted(replace(table, values=values))
    clarity = snapshot.head("clarity")
    spread = {snapshot.columns[k].name: np.ptp(c) for k, c in zip(clarity.used, clarity.curves, strict=True)}
    assert spread["ann/clarity"] < 0.05
    assert spread["bob/clarity"] > 0.3


def test_constant_and_empty_columns_are_dropped_and_named() -> None:
    table = simulate(items=100)
    values = table.values.copy()
    values[:, 0], values[:, 1] = np.nan, 0.5
    snapshot = fitted(replace(table, values=values))
    assert snapshot.provenance.dropped == table.columns[:2]
    assert [c.name for c in snapshot.columns] == list(table.columns[2:])


def test_the_overall_is_the_weighted_mean_of_the_criteria() -> None:
    table = simulate(items=30)
    targets = with_overall(table, make_rubric(weights=(3.0, 1.0)))
    expected = 0.75 * table.targets["clarity"] + 0.25 * table.targets["depth"]
    assert targets["overall"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("items", "stage"), [(21, Stage.OFFSET), (22, Stage.LINE), (49, Stage.LINE), (50, Stage.STACK)]
)
def test_the_number_of_rated_items_sets_the_stage(items: int, stage: Stage) -> None:
    table = simulate(items=items, group_size=1)
    snapshot = fitted(table, reference=fit_reference(simulate(items=60), corpus="test"))
    assert snapshot.stage is stage


def test_a_handful_of_ratings_moves_the_reference_to_their_mean() -> None:
    table = simulate(items=10)
    reference = fit_reference(table, corpus="too few to keep")
    head = fitted(table, reference=reference).head("clarity")
    means = [np.mean([row[2 * j] for j in range(3)]) for row in table.values]
    assert head.offset == pytest.approx(table.targets["clarity"].mean() - np.mean(means), abs=1e-4)
    with pytest.raises(ValueError, match="give a reference"):
        fitted(table)


def test_items_that_no_judge_scored_do_not_move_the_mean_of_few_ratings() -> None:
    table = simulate(items=10, measures=False)
    reference = fit_reference(table, corpus="too few to keep")
    values = table.values.copy()
    values[4:] = np.nan
    head = fitted(replace(table, values=values), reference=reference).head("clarity")
    rated = fitted(table.take(np.arange(4)), reference=reference).head("clarity")
    assert head.offset == rated.offset


def test_missing_ratings_and_single_groups_are_refused() -> None:
    table = simulate(items=60)
    with pytest.raises(ValueError, match="no ratings of wit"):
        fitted(table, rubric=make_rubric(("clarity", "wit")))
    with pytest.raises(ValueError, match="one group"):
        fitted(replace(table, groups=("only",) * 60))


def test_a_sample_takes_whole_groups_and_keeps_the_weights_of_all() -> None:
    table = simulate(items=600)
    whole, part = fitted(table), fitted(table, reservoir=200)
    assert len(part.rows.values) <= 200
    assert part.items == 600
    everything = tuple(range(len(whole.columns)))
    of_whole, of_part = fit_mask(whole, everything).heads, fit_mask(part, everything).heads
    for head, fit in of_whole.items():
        assert [e.column for e in fit.effects] == [e.column for e in of_part[head].effects]
        share = of_part[head].effects[0].weight / fit.effects[0].weight
        for one, other in zip(fit.effects, of_part[head].effects, strict=True):
            assert [share * x for x in one.values] == pytest.approx(other.values, abs=2e-4)
    sample = sample_groups(table.groups, 200, 7)
    kept = {table.groups[i] for i in sample}
    assert sum(g in kept for g in table.groups) == sample.size


@pytest.mark.parametrize(("items", "straight"), [(90, True), (120, False)])
def test_few_yes_or_no_ratings_have_straight_curves(items: int, straight: bool) -> None:
    table = simulate(items, measures=False, group_size=1)
    binary = {h: (y > 0.5).astype(float) for h, y in table.targets.items()}
    snapshot = fitted(replace(table, targets=binary))
    head = snapshot.head("clarity")
    inner = [
        np.diff(curve) / np.diff(snapshot.columns[k].knots)
        for k, curve in zip(head.used, head.curves, strict=True)
    ]
    bent = max(float(np.ptp(slopes[1:-1])) for slopes in inner)
    assert (bent < 0.02) is straight
