"""Two snapshots or panels on the same items."""

from dataclasses import replace

import pytest

from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.learning.protocol.compare import Contestant, compare
from moa_scorer.learning.protocol.comparison import Comparison
from moa_scorer.learning.protocol.findings import AVERAGE
from moa_scorer.learning.study.study import Study, panel_of, rubric_of, table_of
from tests.fakes.studies import simulated_study

STUDY = simulated_study({"ann": 1.0, "bob": 0.4, "eve": 0.4}, items=80, criteria=("clarity",))


def snapshot_of(study: Study, *, judges: tuple[str, ...], ratings: str = "") -> Snapshot:
    own = study.with_judges(judges)
    return fit(
        table_of(own),
        rubric=rubric_of(own),
        kinds=(own.kind,),
        languages=("en",),
        panel=panel_of(own),
        judge_revisions={},
        seed=0,
        origin=Origin(created="", code="", ratings=ratings),
    )


def gap(found: Comparison, metric: str) -> float:
    return next(d.estimate.value for d in found.differences if (d.criterion, d.metric) == (AVERAGE, metric))


def test_the_panel_with_the_good_judge_is_better_and_the_words_say_so() -> None:
    weak, all_three = (
        Contestant(name="weak", judges=("bob", "eve")),
        Contestant(name="all", judges=STUDY.judges),
    )
    found = compare(STUDY, weak, all_three)
    assert gap(found, "spearman") > 0.1
    assert gap(found, "rmse") < 0
    assert found.items == 80
    assert found.words.startswith("spearman: B is better")


def test_turning_the_sides_round_turns_every_difference_round() -> None:
    a, b = Contestant(name="a", judges=("bob",)), Contestant(name="b", judges=("eve",))
    here, there = compare(STUDY, a, b), compare(STUDY, b, a)
    for one, other in zip(here.differences, there.differences, strict=True):
        assert one.estimate.value == pytest.approx(-other.estimate.value, nan_ok=True)
        assert one.estimate.low == pytest.approx(-other.estimate.high, abs=1e-9, nan_ok=True)
    assert {f.item for f in here.flips} == {f.item for f in there.flips}


def test_a_panel_beside_itself_differs_in_nothing() -> None:
    same = Contestant(name="same", judges=("ann", "bob"))
    found = compare(STUDY, same, same, thresholds=(0.4, 0.6))
    assert all(d.estimate.value == 0 and d.better is None for d in found.differences)
    assert found.flips == ()
    assert "At 0.4 no decision flips. At 0.6 no decision flips." in found.words


def test_snapshots_score_every_item_as_they_are_and_flips_are_named_by_item() -> None:
    new = simulated_study({"ann": 1.0, "bob": 0.4, "eve": 0.4}, items=100, criteria=("clarity",), seed=5)
    a = Contestant(name="a", snapshot=snapshot_of(STUDY, judges=("bob",)))
    b = Contestant(name="b", snapshot=snapshot_of(STUDY, judges=("ann", "bob")))
    found = compare(new, a, b, thresholds=(0.5,))
    assert found.items == 100
    assert gap(found, "spearman") > 0
    flips = found.flips_at(0.5)
    assert flips
    assert all((f.a >= 0.5) != (f.b >= 0.5) for f in flips)
    assert f"At 0.5 {len(flips)} of 100 decisions flip" in found.words


def test_a_snapshot_that_knows_these_ratings_is_named() -> None:
    known = replace(STUDY, digests={"made.jsonl": "ab" * 32})
    a = Contestant(name="mine", snapshot=snapshot_of(known, judges=("bob",), ratings="ab" * 32))
    found = compare(known, a, a)
    assert found.notes[0] == "mine was fitted on ratings of this very file: its figures flatter it"


def test_a_criterion_that_a_snapshot_was_not_fitted_for_is_told() -> None:
    other = simulated_study({"ann": 1.0}, items=60, criteria=("length",))
    a = Contestant(name="mine", snapshot=snapshot_of(STUDY, judges=("ann",)))
    with pytest.raises(ValueError, match="mine was not fitted for length"):
        compare(other, a, a)
