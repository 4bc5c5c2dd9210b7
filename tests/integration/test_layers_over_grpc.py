"""Layers, money and who may see a text, as a caller meets them over a real socket."""

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from moa_scorer.api.v1 import ballot_pb2, verdict_pb2
from moa_scorer.api.v1 import catalog_service_pb2 as catalog_pb
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.cost_pb2 import Cost
from moa_scorer.domain.ballot import Judgment, Score
from moa_scorer.domain.panel import Layer
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import Script, ScriptedJudge, abstaining, make_pipeline, scoring
from tests.fakes.servers import serving

SAME_FAMILY = ballot_pb2.ABSTENTION_REASON_SAME_FAMILY
SENSITIVITY = ballot_pb2.ABSTENTION_REASON_SENSITIVITY
BUDGET = ballot_pb2.ABSTENTION_REASON_BUDGET


def request(producer: str = "", **others: Any) -> pb.ScoreContentRequest:
    content = Content(text="Great post, thanks!", producer=producer)
    return pb.ScoreContentRequest(content=content, view=pb.VIEW_FULL, **others)


def two_layers() -> Pipeline:
    """Two judges, one of them a vendor's, and a third that reads what they say."""
    judges = [
        ScriptedJudge("here", scoring("here", 0.5)),
        ScriptedJudge("vendor", scoring("vendor", 0.7), cost=300, family="gpt", local=False),
        ScriptedJudge("reader", scoring("reader", 0.6), cost=200),
    ]
    layers = (Layer(judges=("here", "vendor"), share=3), Layer(judges=("reader",)))
    return make_pipeline(judges, layers=layers)


async def answer_of(asked: pb.ScoreContentRequest) -> pb.ScoreContentResponse:
    async with serving(two_layers()) as served:
        answer: pb.ScoreContentResponse = await served.scoring.ScoreContent(asked)
        return answer


async def test_each_ballot_says_its_layer_what_it_read_and_what_it_took() -> None:
    answer = await answer_of(request())
    here, vendor, reader = answer.ballots
    assert [b.layer for b in answer.ballots] == [1, 1, 2]
    assert list(reader.judgment.read) == ["here", "vendor"]
    assert not here.judgment.read
    assert [b.usage.cost.micro_usd for b in answer.ballots] == [0, 300, 200]
    assert vendor.usage.calls == 1
    assert vendor.judgment.answers[0].kind == ballot_pb2.SCORE_KIND_SINGLE


async def test_an_item_costs_what_its_ballots_cost() -> None:
    answer = await answer_of(request())
    assert answer.cost.micro_usd == sum(b.usage.cost.micro_usd for b in answer.ballots) == 500


async def test_the_plan_says_who_sits_where_for_how_long_and_for_how_much() -> None:
    plan = (await answer_of(request(latency_budget=Duration(seconds=10)))).plan
    first, second = plan.layers
    assert (list(first.judges), list(second.judges)) == (["here", "vendor"], ["reader"])
    assert list(plan.judges) == ["here", "vendor", "reader"]
    assert (first.most_cost.micro_usd, second.most_cost.micro_usd) == (300, 200)
    assert plan.most_cost.micro_usd == 500
    assert first.budget.ToNanoseconds() == pytest.approx(3 * second.budget.ToNanoseconds())
    assert not plan.left_out


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (request(producer="gpt-4o"), SAME_FAMILY),
        (request(sensitivity=pb.SENSITIVITY_LOCAL_ONLY), SENSITIVITY),
        (request(cost_ceiling=Cost(micro_usd=299)), BUDGET),
    ],
)
async def test_who_is_left_out_is_in_the_plan_and_casts_an_abstention_with_the_reason(
    asked: pb.ScoreContentRequest, reason: int
) -> None:
    answer = await answer_of(asked)
    assert [(a.judge, a.reason) for a in answer.plan.left_out] == [("vendor", reason)]
    assert "vendor" not in answer.plan.judges
    assert answer.ballots[1].abstention.reason == reason
    assert not answer.ballots[1].usage.calls
    assert answer.completion == verdict_pb2.COMPLETION_PARTIAL
    assert answer.cost.micro_usd == 200


async def test_a_ceiling_of_nothing_is_kept_to() -> None:
    answer = await answer_of(request(cost_ceiling=Cost(micro_usd=0)))
    assert answer.cost.micro_usd == 0
    assert answer.HasField("scored")
    assert [b.judge for b in answer.ballots if b.HasField("judgment")] == ["here"]


async def test_a_quorum_that_the_ceiling_puts_out_of_reach_costs_nothing_and_says_so() -> None:
    answer = await answer_of(request(cost_ceiling=Cost(micro_usd=0), quorum=3))
    assert answer.unscored.reason == verdict_pb2.UNSCORED_REASON_COST_CEILING
    assert answer.cost.micro_usd == 0


async def test_a_stream_tells_the_layers_first_and_each_ballot_with_its_own() -> None:
    async with serving(two_layers()) as served:
        call = served.scoring.StreamScoreContent(pb.StreamScoreContentRequest(request=request()))
        events = [event async for event in call]
    assert [list(layer.judges) for layer in events[0].plan.layers] == [["here", "vendor"], ["reader"]]
    told = [event.ballot for event in events if event.HasField("ballot")]
    assert {b.judge: b.layer for b in told} == {"here": 1, "vendor": 1, "reader": 2}
    assert told[-1].judge == "reader"


def writing(words: str) -> Script:
    """A judgment of a reader with these words."""
    return lambda _: Judgment(answers={"reader": Score(value=0.6)}, critique=words)


@pytest.mark.parametrize(
    ("words", "stand"),
    [
        ("Warm but thin [J1]. It names nothing of the post [J1].", True),
        ("Warm but thin. It names nothing of the post [J1].", False),
        ("Warm but thin [J7].", False),
    ],
)
async def test_the_writers_words_are_the_rationale_only_where_they_cite_ballots(
    words: str, stand: bool
) -> None:
    judges = [ScriptedJudge("here", scoring("here", 0.7)), ScriptedJudge("reader", writing(words))]
    layers = (Layer(judges=("here",)), Layer(judges=("reader",)))
    async with serving(make_pipeline(judges, layers=layers, writer="reader")) as served:
        answer = await served.scoring.ScoreContent(request())
    assert (words in answer.rationale) == stand
    assert ("J1 is here" in answer.rationale) == stand


async def test_a_later_layer_that_fails_degrades_the_verdict_and_is_said() -> None:
    judges = [ScriptedJudge("here", scoring("here", 0.7)), ScriptedJudge("reader", abstaining())]
    layers = (Layer(judges=("here",)), Layer(judges=("reader",)))
    async with serving(make_pipeline(judges, layers=layers)) as served:
        answer = await served.scoring.ScoreContent(request())
    assert answer.HasField("scored")
    assert "layer 2" in answer.degraded
    assert answer.completion == verdict_pb2.COMPLETION_PARTIAL


async def test_the_view_of_scores_says_what_it_cost_and_no_more() -> None:
    asked = request()
    asked.view = pb.VIEW_SCORE
    answer = await answer_of(asked)
    assert answer.cost.micro_usd == 500
    assert not answer.ballots
    asked.view = pb.VIEW_DECISION
    assert not (await answer_of(asked)).HasField("cost")


async def test_the_catalogue_shows_the_layers_of_a_panel() -> None:
    async with serving(two_layers()) as served:
        panel = (await served.catalog.GetPanel(catalog_pb.GetPanelRequest(name="scripted"))).panel
        judge = (await served.catalog.GetJudge(catalog_pb.GetJudgeRequest(name="vendor"))).judge
    assert [(list(layer.judges), layer.share) for layer in panel.layers] == [
        (["here", "vendor"], 3.0),
        (["reader"], 1.0),
    ]
    assert not panel.layers[0].HasField("quorum")
    assert (judge.family, judge.local) == ("gpt", False)
