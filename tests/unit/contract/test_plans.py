"""A plan as a caller is told it."""

import pytest

from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.contract.plans import plan_message
from moa_scorer.domain.content import Content
from moa_scorer.domain.panel import Layer
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.scoring.plan import Plan
from tests.fakes.judges import ScriptedJudge, make_pipeline, scoring

LAYERS = (Layer(judges=("slow", "fast", "kin"), share=3), Layer(judges=("reader",)))


def plan(producer: str = "") -> Plan:
    judges = [
        ScriptedJudge("slow", scoring("slow", 0.5), cost=10),
        ScriptedJudge("fast", scoring("fast", 0.5)),
        ScriptedJudge("kin", scoring("kin", 0.5), cost=500, family="gpt"),
        ScriptedJudge("reader", scoring("reader", 0.5), cost=40),
    ]
    request = ScoreRequest(content=Content(text="hello", producer=producer))
    return make_pipeline(judges, layers=LAYERS).plan(request)


def test_judges_stand_in_panel_order_whatever_order_they_are_asked_in() -> None:
    message = plan_message(plan().record(), 8.0)

    assert list(message.judges) == ["slow", "fast", "kin", "reader"]
    assert [list(layer.judges) for layer in message.layers] == [["slow", "fast", "kin"], ["reader"]]


def test_the_layers_parts_make_up_the_budget_and_the_money() -> None:
    message = plan_message(plan().record(), 8.0)

    assert [layer.budget.ToTimedelta().total_seconds() for layer in message.layers] == [6.0, 2.0]
    assert sum(layer.most_cost.micro_usd for layer in message.layers) == message.most_cost.micro_usd == 550
    expected = sum(layer.expected_time.ToNanoseconds() for layer in message.layers)
    assert message.expected_time.ToNanoseconds() == pytest.approx(expected, abs=2)


def test_who_is_left_out_is_named_with_the_reason_and_in_no_layer() -> None:
    message = plan_message(plan(producer="gpt-4o").record(), 8.0)
    (out,) = message.left_out

    assert (out.judge, out.reason) == ("kin", ballot_pb2.ABSTENTION_REASON_SAME_FAMILY)
    assert out.detail
    assert list(message.judges) == ["slow", "fast", "reader"]
    assert message.most_cost.micro_usd == 50
