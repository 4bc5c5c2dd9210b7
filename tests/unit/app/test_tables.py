"""A result of a panel in layers as a person reads it."""

import io

from rich.console import Console

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.app.cli.tables import detailed
from moa_scorer.client.messages import result_of


def shown(message: pb.ScoreContentResponse) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(detailed(result_of(message), "hello"))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def scored() -> pb.ScoreContentResponse:
    message = pb.ScoreContentResponse(completion=2, planned=3, answered=2)
    message.scored.score = 0.5
    return message


def test_a_degraded_verdict_says_so_beside_the_score() -> None:
    message = scored()
    message.degraded = "layer 2 gave no judgment"

    assert "degraded: layer 2 gave no judgment" in shown(message)
    assert "degraded" not in shown(scored())


def test_money_is_named_only_where_some_was_spent() -> None:
    paid = scored()
    paid.cost.micro_usd = 1_500

    assert "2 of 3 judges · $0.0015 ·" in shown(paid)
    assert "$" not in shown(scored())


def test_the_plan_names_who_was_to_be_asked_layer_after_layer() -> None:
    message = scored()
    for judges, cost in ((["a", "b"], 0), ([], 0), (["c"], 20_000)):
        layer = message.plan.layers.add(judges=judges)
        layer.budget.FromMilliseconds(1_500)
        layer.most_cost.micro_usd = cost

    plan = "plan  a, b (about 0.00 s of 1.50 s) → c (about 0.00 s of 1.50 s, at most $0.02)"
    assert plan in shown(message)


def test_who_gave_no_judgment_is_said_once() -> None:
    message = pb.ScoreContentResponse(completion=3)
    message.unscored.reason = 1
    message.unscored.abstentions.add(judge="mute", reason=1)
    without_ballots = shown(message)
    message.ballots.add(judge="mute").abstention.reason = 1

    assert without_ballots.count("mute") == 1
    assert shown(message).count("mute") == 1
