"""Time and order of layers: shares of the budget, the quickest first, estimates that add up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.judge import Estimate, JudgeProfile
from moa_scorer.domain.panel import Layer, Panel
from moa_scorer.scoring.layers import PlannedLayer, one_after_another, planned_layers
from tests.fakes.judges import ScriptedJudge, scoring

PANEL = Panel(name="p", version=1, title="", judges=("a", "b", "c"), quorum=1, default_rubric="r")


class Remote(ScriptedJudge):
    @property
    def profile(self) -> JudgeProfile:
        return replace(ScriptedJudge.profile.fget(self), endpoint="somewhere")


def layers_of(
    seconds: dict[str, float], *layers: Layer, absent: tuple[str, ...] = (), remote: tuple[str, ...] = ()
) -> tuple[PlannedLayer, ...]:
    judges = [(Remote if n in remote else ScriptedJudge)(n, scoring(n, 0.5)) for n in seconds]
    estimates = {n: Estimate(seconds=s, micro_usd=int(s)) for n, s in seconds.items()}
    panel = replace(PANEL, judges=tuple(seconds), layers=layers)
    return planned_layers(panel, judges, estimates, absent)


def test_a_panel_without_layers_is_one_with_all_judges_the_quickest_first() -> None:
    (only,) = layers_of({"a": 3, "b": 1, "c": 2})
    assert [judge.profile.name for judge in only.judges] == ["b", "c", "a"]
    assert (only.share, only.of_the_rest) == (1.0, 1.0)


def test_judges_in_the_process_add_up_and_endpoints_work_side_by_side() -> None:
    (only,) = layers_of({"a": 3, "b": 1, "c": 9, "d": 8}, remote=("c", "d"))
    assert only.estimate == Estimate(seconds=9, micro_usd=21)
    (only,) = layers_of({"a": 7, "b": 4, "c": 9}, remote=("c",))
    assert only.estimate.seconds == 11


def test_layers_take_one_after_another() -> None:
    layers = layers_of({"a": 3, "b": 1, "c": 2}, Layer(judges=("a", "b")), Layer(judges=("c",)))
    assert one_after_another(layers) == Estimate(seconds=6, micro_usd=6)


def test_the_time_of_a_layer_that_nobody_is_left_in_is_the_others() -> None:
    layers = layers_of(
        {"a": 1, "b": 1, "c": 1},
        Layer(judges=("a",), share=2),
        Layer(judges=("b",), share=5),
        Layer(judges=("c",), share=2),
        absent=("b",),
    )
    assert [layer.share for layer in layers] == [0.5, 0.0, 0.5]
    assert [layer.of_the_rest for layer in layers] == [0.5, 0.0, 1.0]


def test_time_that_a_layer_did_not_use_is_the_next_ones() -> None:
    first, second = layers_of({"a": 1, "b": 1}, Layer(judges=("a",), share=3), Layer(judges=("b",)))
    whole = Budget(100.0)
    assert first.budget(whole, 0.0).deadline == pytest.approx(75.0)
    assert second.budget(whole, 10.0).deadline == pytest.approx(100.0)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=6), st.floats(0.001, 1e6))
def test_parts_used_to_their_ends_are_the_shares_and_end_with_the_budget(
    shares: list[float], seconds: float
) -> None:
    names = {f"j{k}": 1.0 for k in range(len(shares))}
    layers = layers_of(names, *(Layer(judges=(n,), share=s) for n, s in zip(names, shares, strict=True)))
    now, whole = 0.0, Budget(seconds)
    for layer, share in zip(layers, shares, strict=True):
        end = layer.budget(whole, now).deadline
        assert end - now == pytest.approx(seconds * share / sum(shares), rel=1e-6, abs=1e-9)
        now = end
    assert now == pytest.approx(seconds)
    assert sum(layer.share for layer in layers) == pytest.approx(1.0)


def test_an_absent_judge_costs_nothing() -> None:
    (only,) = layers_of({"a": 3, "b": 1}, absent=("a",))
    assert only.estimate == Estimate(seconds=1, micro_usd=1)
