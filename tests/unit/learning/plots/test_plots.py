"""Plots are drawings of the figures they were given: same figures, same bytes; no words touch."""

import math
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.learning.plots.axes import Axis, round_ticks, tick_words
from moa_scorer.learning.plots.classes import classes, is_two_valued
from moa_scorer.learning.plots.curves import Curve, drift_chart, learning_curve
from moa_scorer.learning.plots.frontier import Choice, frontier, frontier_of
from moa_scorer.learning.plots.heatmap import MOST, WRITTEN, heat_map
from moa_scorer.learning.plots.reliability import bins_of, reliability
from moa_scorer.learning.plots.scatter import MOST_DOTS, scatter
from moa_scorer.learning.plots.svg import shortened, spread, text, width_of
from moa_scorer.learning.plots.whiskers import MOST_ROWS, Row, whiskers

SVG = "{http://www.w3.org/2000/svg}"
LONG = "vendor/some-model-2024-07-18:a-prompt-with-a-very-long-name-"
HOSTILE = "</text><script>alert(1)</script>&\"'\x00\u202e"


def drawn(svg: str) -> ElementTree.Element:
    """The drawing, which must be well-formed."""
    return ElementTree.fromstring(svg)


def words(svg: str) -> list[str]:
    return [t.text or "" for t in drawn(svg).iter(f"{SVG}text")]


def boxes(svg: str) -> list[tuple[str, float, float, float, float]]:
    """(words, left, top, right, bottom) of every text, as wide as `width_of` says."""
    found = []
    for t in drawn(svg).iter(f"{SVG}text"):
        size = float(t.get("font-size", "10"))
        wide, x, y = width_of(t.text or "", size), float(t.get("x", "0")), float(t.get("y", "0"))
        left = x - {"middle": wide / 2, "end": wide}.get(t.get("text-anchor", ""), 0.0)
        found.append((t.text or "", left, y - 0.75 * size, left + wide, y + 0.1 * size))
    return found


def touching(svg: str) -> list[tuple[str, str]]:
    return [
        (a[0], b[0])
        for a, b in combinations(boxes(svg), 2)
        if a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5 and a[2] < b[4] - 0.5 and b[2] < a[4] - 0.5
    ]


def scored(items: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    human = np.round(rng.beta(4, 2, items) * 12) / 3 + 1
    return (0.6 * human + 1.6 + rng.normal(0, 0.3, items)).clip(1, 5), human


def correlations(judges: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.atleast_2d(np.corrcoef(rng.normal(size=(judges, 30)) + rng.normal(size=30)))


def choices(judges: int) -> list[Choice]:
    rng = np.random.default_rng(2)
    single = [
        Choice(name=f"{LONG}{k}", cost=10 ** rng.uniform(0, 3), quality=rng.uniform(0.3, 0.6))
        for k in range(judges)
    ]
    return [
        *single,
        *(Choice(name=f"first {k}", cost=30.0 * k, quality=0.5 + 0.03 * k, panel=True) for k in range(2, 7)),
    ]


def curves(count: int) -> list[Curve]:
    x = (20.0, 50.0, 100.0, 200.0, 1280.0)
    y = tuple(0.4 + 0.02 * k for k in range(5))
    return [
        Curve(name=f"{LONG}{k}", x=x, y=tuple(v + 0.001 * k for v in y), low=y, high=y) for k in range(count)
    ]


def rows(count: int) -> list[Row]:
    return [
        Row(name=f"{LONG}{k}", value=0.9 - 0.01 * k, low=0.8, high=0.95, note=f"{k} items")
        for k in range(count)
    ]


EVERY_PLOT = {
    "reliability": lambda: reliability(*scored(1600), 1, 5),
    "reliability of 20 items": lambda: reliability(*scored(20), 1, 5),
    "scatter of many": lambda: scatter(*scored(1600), 1, 5, caption="coherence"),
    "scatter of 20": lambda: scatter(*scored(20), 1, 5, width=166.0, caption="coherence"),
    "two classes": lambda: classes(scored(500)[0] / 5, np.repeat([0.0, 1.0], 250), 0, 1),
    "one judge": lambda: heat_map(correlations(1), ["ann"]),
    "6 judges": lambda: heat_map(correlations(6), [f"{LONG}{k}" for k in range(6)]),
    "24 judges": lambda: heat_map(correlations(24), [f"{LONG}{k}" for k in range(24)]),
    "65 judges": lambda: heat_map(correlations(65), [f"{LONG}{k}" for k in range(65)]),
    "learning curve": lambda: learning_curve(curves(6), "rated items", "Spearman", title="curve"),
    "drift": lambda: drift_chart(curves(24), 100.0, title="drift"),
    "frontier by cost": lambda: frontier(choices(24), "cost", "Spearman", log=True),
    "frontier by judges": lambda: frontier(choices(3), "judges", "Spearman", log=False),
    "whiskers": lambda: whiskers(rows(12), "coverage", title="coverage", reference=0.9),
}


@pytest.mark.parametrize("plot", EVERY_PLOT)
def test_the_same_figures_make_the_same_bytes(plot: str) -> None:
    assert EVERY_PLOT[plot]() == EVERY_PLOT[plot]()


@pytest.mark.parametrize("plot", EVERY_PLOT)
def test_no_words_touch_and_none_leave_the_drawing(plot: str) -> None:
    svg = EVERY_PLOT[plot]()
    width, height = float(drawn(svg).get("width", "0")), float(drawn(svg).get("height", "0"))
    assert touching(svg) == []
    assert [b for b in boxes(svg) if b[1] < -1 or b[3] > width + 1 or b[2] < -1 or b[4] > height + 1] == []


@pytest.mark.parametrize("plot", EVERY_PLOT)
def test_a_plot_is_small_and_fetches_nothing(plot: str) -> None:
    svg = EVERY_PLOT[plot]()
    assert len(svg) < 150_000
    assert "href" not in svg
    assert "url(" not in svg


def test_names_are_escaped_wherever_they_come_from() -> None:
    whole = [
        heat_map(np.eye(2), [HOSTILE, "b"]),
        whiskers([Row(name=HOSTILE, value=0.5, note=HOSTILE)], HOSTILE, title=HOSTILE),
        learning_curve([Curve(name=HOSTILE, x=(20.0, 50.0), y=(0.1, 0.2))], HOSTILE, HOSTILE, title=HOSTILE),
        frontier([Choice(name=HOSTILE, cost=1.0, quality=0.5)], "cost", "quality", log=True),
        scatter(*scored(20), 1, 5, caption=HOSTILE),
    ]
    for svg in whole:
        assert not list(drawn(svg).iter(f"{SVG}script"))
        assert "<script" not in svg


def test_reliability_counts_every_scored_item_once() -> None:
    score, human = scored(500)
    score[:7] = math.nan
    bins = bins_of(score, human, 1.0, 5.0)
    assert sum(b.count for b in bins) == 493
    assert all(b.low <= b.score <= b.high for b in bins if b.count)


def test_a_perfect_judge_stands_on_the_diagonal() -> None:
    _, human = scored(300)
    assert all(b.score == pytest.approx(b.human) for b in bins_of(human, human, 1.0, 5.0) if b.count)


def test_scores_that_fill_little_of_the_scale_get_finer_bins() -> None:
    score = np.linspace(0.4, 0.6, 100)
    assert bins_of(score, score, 0.0, 1.0)[0].high == pytest.approx(0.05)


def test_few_items_are_dots_and_many_are_cells() -> None:
    few, many = scored(MOST_DOTS), scored(MOST_DOTS + 1)
    assert len(list(drawn(scatter(*few, 1, 5)).iter(f"{SVG}path"))) == 1
    assert len(list(drawn(scatter(*many, 1, 5)).iter(f"{SVG}rect"))) > 20


def test_a_heat_map_writes_figures_only_where_there_is_room() -> None:
    names = [f"j{k}" for k in range(65)]
    assert ".50" in words(heat_map(np.full((3, 3), 0.5), names[:3]))
    assert ".50" not in words(heat_map(np.full((WRITTEN + 1,) * 2, 0.5), names[: WRITTEN + 1]))
    assert sum(w.startswith("j") for w in words(heat_map(np.full((65, 65), 0.5), names))) == MOST


def test_a_correlation_that_is_not_known_has_no_figure() -> None:
    unknown = np.array([[1.0, math.nan], [math.nan, 1.0]])
    assert words(heat_map(unknown, ["a", "b"])) == ["1", "2", "1", "a", "2", "b"]


def test_a_row_that_warns_has_another_shape() -> None:
    bad = Row(name="bad", value=0.7, low=0.6, high=0.8, warns=True)
    good = Row(name="good", value=0.88, low=0.8, high=0.95)
    svg = drawn(whiskers([bad, good], "coverage", title="t", reference=0.9))
    assert len(list(svg.iter(f"{SVG}rect"))) == 1
    assert len(list(svg.iter(f"{SVG}circle"))) == 1


def test_classes_count_every_scored_item_once() -> None:
    human = np.repeat([0.0, 1.0], 50)
    score = np.append(np.linspace(0, 1, 99), math.nan)
    assert is_two_valued(human, 0.0, 1.0)
    assert words(classes(score, human, 0.0, 1.0))[:2] == ["rated 1: 49 items", "rated 0: 50 items"]


def test_rows_beyond_the_most_are_left_out() -> None:
    assert len(list(drawn(whiskers(rows(60), "x", title="t")).iter(f"{SVG}circle"))) == MOST_ROWS


def test_the_frontier_holds_what_nothing_cheaper_matches() -> None:
    cheap = Choice(name="cheap", cost=1.0, quality=0.5)
    dear = Choice(name="dear", cost=9.0, quality=0.5)
    best = Choice(name="best", cost=9.0, quality=0.6)
    assert frontier_of([dear, best, cheap]) == (cheap, best)


def test_a_curve_with_a_gap_is_drawn_without_it() -> None:
    svg = learning_curve([Curve(name="a", x=(20.0, 50.0), y=(math.nan, 0.4))], "x", "y", title="t")
    assert "nan" not in svg


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_spread_keeps_order_range_and_distance(wanted: list[float]) -> None:
    placed = spread(wanted, 5.0, 0.0, 100.0)
    assert all(-1e-9 <= p <= 100 + 1e-9 for p in placed)
    ordered = sorted(placed)
    assert all(b - a >= 5.0 - 1e-6 for a, b in pairwise(ordered))
    for (a, p), (b, q) in combinations(zip(wanted, placed, strict=True), 2):
        assert a == b or (a < b) == (p < q)


@given(st.text(max_size=80), st.floats(20, 300))
def test_shortened_words_have_room(words: str, room: float) -> None:
    assert width_of(shortened(words, room)) <= max(room, 25.0)


@given(st.floats(-1e4, 1e4), st.floats(0.01, 1e4))
def test_ticks_are_few_and_inside(low: float, length: float) -> None:
    ticks = round_ticks(low, low + length)
    slack = 1e-6 * max(1.0, abs(low))
    assert 1 <= len(ticks) <= 6
    assert all(low - slack <= t <= low + length + slack for t in ticks)


def test_tick_words_have_the_decimals_that_are_needed() -> None:
    assert tick_words((0.0, 0.5, 1.0)) == ["0.0", "0.5", "1.0"]
    assert tick_words((1.0, 2.0)) == ["1", "2"]
    assert tick_words((-0.5, 0.0)) == ["−0.5", "0.0"]
    assert tick_words((0.1, 1.0, 10.0)) == ["0.1", "1", "10"]


def test_a_value_outside_an_axis_stands_at_its_edge() -> None:
    axis = Axis(low=1.0, high=100.0, start=0.0, end=10.0, log=True)
    assert axis.place(10.0) == pytest.approx(5.0)
    assert axis.place(1000.0) == pytest.approx(10.0)


def test_whole_words_are_kept_for_the_pointer() -> None:
    assert "<title>a long name</title>" in text(0.0, 0.0, "a…e", whole="a long name")
