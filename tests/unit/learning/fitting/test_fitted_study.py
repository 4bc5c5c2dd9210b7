"""What a fit says of itself: true on simulated studies, and honest where too little is known."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.snapshot import OVERALL, Stage
from moa_scorer.calibration.table import Scale
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.learning.fitting.cross_check import TooFew, cross_check
from moa_scorer.learning.fitting.fitted_study import STEPS, FittedStudy, Fitting, fit_study
from moa_scorer.learning.fitting.purpose import Purpose, own_purpose
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import BallotRow
from moa_scorer.learning.study.study import Study, table_of

FITTING = Fitting(created="2026-01-01", code="test", measures=False)


def simulated(items: int, *, groups: int = 40, raters: int = 2, known: bool = True, seed: int = 1) -> Study:
    """A good judge, a poor one and one of noise; people with noise of 0.08."""
    rng = np.random.default_rng(seed)
    worth = rng.uniform(0.1, 0.9, items)
    noise = {"good": 0.1, "poor": 0.25, "noise": 3.0}
    said = {j: np.clip(worth + rng.normal(0, s, items), 0, 1) for j, s in noise.items()}
    names = tuple(f"r{k}" for k in range(raters))
    ratings = np.clip(worth[:, None] + rng.normal(0, 0.08, (items, raters)), 0, 1)
    return Study(
        name="made",
        items=tuple(
            RatedItem(
                dataset="made",
                id=f"made/{i}",
                group=f"made/{i % groups}",
                system="",
                kind="note",
                text="",
                context="",
                ratings={"depth": tuple(ratings[i].tolist())},
                raters={"depth": names} if known else {},
            )
            for i in range(items)
        ),
        rows={
            f"made/{i}": {
                j: BallotRow(item=f"made/{i}", judge=j, revision="", scores={"depth": float(said[j][i])})
                for j in noise
            }
            for i in range(items)
        },
        judges=tuple(noise),
        criteria=("depth",),
        scales={j: Scale(low=0, high=1) for j in noise},
        kind="note",
        language="en",
        digests={"made.csv": "abc"},
    )


@pytest.fixture(scope="module")
def fitted() -> FittedStudy:
    return fit_study(simulated(120), FITTING)


def test_held_out_figures_are_those_of_a_good_panel(fitted: FittedStudy) -> None:
    assert fitted.check is not None
    depth = fitted.check.heads[0]

    assert [h.head for h in fitted.check.heads] == ["depth", OVERALL]
    assert depth.spearman > 0.85
    assert depth.rmse < 0.5 * depth.constant
    assert 0.8 < depth.coverage < 0.98
    assert depth.width < 0.5


def test_the_snapshot_keeps_what_it_rests_on_and_its_figures(fitted: FittedStudy) -> None:
    snapshot = fitted.snapshot

    assert snapshot.revision == "made.note.made@1"
    assert (snapshot.items, snapshot.groups, snapshot.languages) == (120, 40, ("en",))
    assert snapshot.provenance.ratings == "abc"
    assert snapshot.provenance.created == "2026-01-01"
    assert snapshot.metrics["rmse.depth"] == pytest.approx(fitted.check.heads[0].rmse, abs=1e-6)  # type: ignore[union-attr]
    assert snapshot.judges == {"good": "", "poor": "", "noise": ""}


def test_the_same_seed_makes_the_same_snapshot() -> None:
    one, other = (fit_study(simulated(40), FITTING).snapshot for _ in range(2))

    assert one.digest == other.digest


def test_one_good_judge_among_poor_ones_is_worth_little_more_than_itself(fitted: FittedStudy) -> None:
    assert fitted.votes is not None
    assert 1.0 <= fitted.votes < 1.6


def test_shuffled_ratings_are_no_better_than_their_mean() -> None:
    study = simulated(120)
    order = np.random.default_rng(5).permutation(120)
    items = [replace(i, ratings=study.items[k].ratings) for i, k in zip(study.items, order, strict=True)]
    check = fit_study(replace(study, items=tuple(items)), FITTING).check

    assert check is not None
    assert check.heads[0].rmse > 0.97 * check.heads[0].constant


def test_more_ratings_never_make_it_worse_by_the_law(fitted: FittedStudy) -> None:
    check = fitted.check
    assert check is not None
    assert check.doubled <= check.heads[-1].rmse


def test_with_few_items_there_are_no_figures_and_it_says_why() -> None:
    found = fit_study(simulated(15), FITTING)

    assert found.snapshot.stage is Stage.OFFSET
    assert found.check is None
    assert found.unchecked == "15 items of 15 groups are too few to leave some out"
    assert found.votes is None
    assert found.snapshot.metrics == {}


def test_two_groups_cannot_be_cross_checked() -> None:
    study = simulated(60, groups=2)

    with pytest.raises(TooFew, match="60 items of 2 groups"):
        cross_check(study, table_of(study, measures=False), own_purpose(study), seed=0, severity=True)


def test_single_ratings_leave_effective_votes_unknown() -> None:
    found = fit_study(simulated(60, raters=1), FITTING)

    assert found.votes is None
    assert "two or more people" in found.without_votes


def test_audits_are_never_fitted_on() -> None:
    study = simulated(60)
    items = tuple(replace(item, audit=k < 10) for k, item in enumerate(study.items))
    found = fit_study(replace(study, items=items), FITTING)

    assert (found.audits, found.snapshot.items) == (10, 50)


def test_severity_is_taken_off_unless_it_is_not_wanted() -> None:
    study = simulated(60)
    items = tuple(
        replace(i, ratings={"depth": (i.ratings["depth"][0] * 0.7, i.ratings["depth"][1])})
        for i in study.items
    )
    harsh = replace(study, items=items)

    assert fit_study(harsh, FITTING).severe > 0.1
    assert fit_study(harsh, replace(FITTING, severity=False)).severe == 0.0
    assert fit_study(simulated(60, known=False), FITTING).raters == 0


def test_every_step_is_told() -> None:
    calls: list[int] = []
    fit_study(simulated(40), FITTING, lambda: calls.append(1))

    assert len(calls) == STEPS


@pytest.mark.parametrize(
    ("change", "why"),
    [({"judges": ()}, "no judge"), ({"items": ()}, "no item has a rating")],
)
def test_a_study_that_lacks_a_side_is_refused(change: dict[str, tuple[()]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fit_study(replace(simulated(30), **change), FITTING)


def bound(study: Study, judges: tuple[str, ...], criteria: dict[str, float]) -> Purpose:
    rubric = Rubric(
        name="asked",
        version=2,
        title="",
        kinds=("note",),
        criteria=tuple(Criterion(name=c, description=c, weight=w) for c, w in criteria.items()),
    )
    panel = Panel(name="served", version=3, title="", judges=judges, quorum=1, default_rubric="asked")
    return Purpose(rubric=rubric, panel=panel, revisions={j: f"revision of {j}" for j in judges})


def test_a_purpose_decides_names_judges_and_revisions() -> None:
    study = simulated(60)
    purpose = bound(study, ("poor", "good", "new"), {"depth": 1.0})
    found = fit_study(study, replace(FITTING, purpose=purpose))

    assert found.snapshot.revision == "asked.note.served@1"
    assert found.snapshot.judges == {"poor": "revision of poor", "good": "revision of good"}
    assert found.study.notes == (
        "judges that are not of panel served@3: noise",
        "judges of the panel without ballots, and so without weight: new",
    )


@pytest.mark.parametrize(
    ("judges", "criteria", "why"),
    [
        (("new",), {"depth": 1.0}, "panel served@3 has the judges new; the ballots are of good, poor, noise"),
        (("good",), {"wit": 1.0}, "rubric asked@2 asks about wit; the ratings are of depth"),
    ],
)
def test_a_purpose_that_does_not_fit_is_refused(
    judges: tuple[str, ...], criteria: dict[str, float], why: str
) -> None:
    study = simulated(30)

    with pytest.raises(ValueError, match=why):
        fit_study(study, replace(FITTING, purpose=bound(study, judges, criteria)))
