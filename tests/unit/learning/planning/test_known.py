import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import Scale
from moa_scorer.learning.planning.candidates import Candidate, read_candidates
from moa_scorer.learning.planning.known import (
    AT_ODDS,
    REMOTE,
    WIDE,
    Known,
    count_groups,
    frame_of,
    interval_widths,
    write_plan,
)
from moa_scorer.learning.planning.plan import Planned, choose
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import BallotRow
from moa_scorer.learning.study.study import Study, panel_of, rubric_of, table_of

QUALITY = [k / 59 for k in range(60)]


def candidate(k: int) -> Candidate:
    return Candidate(dataset="d", item=f"{k:02}", group=f"g{k % 6}", text="w " * (k + 1), kind="summary")


def known(rated: int = 0) -> Known:
    """Two judges that agree but on the items 50 to 59, of which a third knows nothing."""
    said = {f"d/{k:02}": {"a/c": q, "b/c": q if k < 50 else 1 - q} for k, q in enumerate(QUALITY)}
    return Known(
        candidates=tuple(candidate(k) for k in range(60)),
        said=said,
        rated={f"d/{k:02}": 1 for k in range(rated)},
    )


def study_of(found: Known) -> Study:
    rng = np.random.default_rng(1)
    items = tuple(
        RatedItem(
            dataset="d",
            id=c.id,
            group=f"d/{c.group}",
            system="",
            kind="summary",
            text=c.text,
            context="",
            ratings={"c": (float(np.clip(q + rng.normal(0, 0.05), 0, 1)),)},
        )
        for c, q in zip(found.candidates, QUALITY, strict=True)
    )
    rows = {
        i: {j: BallotRow(item=i, judge=j, revision="", scores={"c": s[f"{j}/c"]}) for j in "ab"}
        for i, s in found.said.items()
    }
    return Study(
        name="s",
        items=items,
        rows=rows,
        judges=("a", "b"),
        criteria=("c",),
        scales={j: Scale(low=0.0, high=1.0) for j in "ab"},
        kind="summary",
    )


def snapshot_of(found: Known) -> Snapshot:
    study = study_of(found)
    return fit(
        table_of(study, measures=False),
        rubric=rubric_of(study),
        kinds=("summary",),
        languages=(),
        panel=panel_of(study),
        judge_revisions={},
        seed=0,
        origin=Origin(created="2026-01-01", code="test"),
    )


def test_while_nothing_is_rated_all_items_are_alike() -> None:
    frame = frame_of(known())

    assert frame.need is None
    assert len(frame.ids) == 60
    assert [p.propensity for p in choose(frame, 10, share=0)] == pytest.approx([1 / 6] * 10)


def test_rated_items_are_left_out_and_needed_are_those_at_odds_and_unlike_them() -> None:
    found = known(rated=20)

    frame = frame_of(found)

    assert frame.need is not None
    assert (found.done, found.round, len(frame.ids)) == (20, 2, 40)
    need = dict(zip(frame.ids, frame.need.tolist(), strict=True))
    assert min(need[f"d/{k}"] for k in (50, 51, 58, 59)) > max(need[f"d/{k}"] for k in (20, 21, 22))
    assert set(frame.reasons) == {AT_ODDS, REMOTE}


def test_items_without_any_ballot_can_be_planned() -> None:
    blind = Known(candidates=known().candidates, said={}, rated={})

    plan = choose(frame_of(blind), 12, share=0)

    assert count_groups(plan, blind) == (6, 6)


def test_a_plan_that_is_written_is_read_with_its_chances_and_without_any_score(tmp_path: Path) -> None:
    path = tmp_path / "plan.jsonl"
    planned = Planned(id="d/07", propensity=0.125, audit=True, why="x")

    write_plan(path, [planned], known(rated=3))

    (found,) = read_candidates(path)
    assert (found.id, found.propensity, found.audit, found.round) == ("d/07", 0.125, True, 2)
    assert found.text == candidate(7).text.strip() or found.text == candidate(7).text
    assert not {"judges", "human", "scores"} & set(json.loads(path.read_text(encoding="utf-8")))


def test_intervals_are_those_of_the_verdict_and_infinite_without_a_valid_certificate() -> None:
    found = known()
    other = Candidate(dataset="d", item="00", group="g", text="w", kind="comment")
    ticks: list[int] = []

    widths = interval_widths(
        (*found.candidates[:3], other), found.said, snapshot_of(found), lambda: ticks.append(1)
    )

    assert ((widths[:3] >= 0) & (widths[:3] < 1)).all()
    assert np.isinf(widths[3])
    assert len(ticks) == 4


def test_a_wide_interval_is_a_reason_although_nothing_of_the_file_is_rated() -> None:
    widths = np.linspace(0.1, 0.9, 60)

    frame = frame_of(known(), widths)

    assert frame.need is not None
    assert frame.reasons[WIDE][-1] > 0.95


def test_items_of_two_rounds_weigh_alike_in_a_fit_where_both_were_drawn_evenly() -> None:
    study = study_of(known())
    assert table_of(study, measures=False).propensity is None

    chosen = [replace(item, propensity=0.5) for item in study.items[:40]]
    later = [replace(item, propensity=0.25, round=2) for item in study.items[40:]]
    table = table_of(replace(study, items=(*chosen, *later)), measures=False)

    assert table.propensity is not None
    assert table.propensity == pytest.approx(np.ones(60))
