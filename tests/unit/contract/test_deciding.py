"""Rules, floors and shadows as callers see them."""

from dataclasses import replace

from moa_scorer.api.v1 import policy_pb2, verdict_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.plans import plan_message
from moa_scorer.contract.resources import policy_message
from moa_scorer.contract.translate import response
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.verdict import CertificateStatus, Completion, Decision
from moa_scorer.scoring.pipeline import Pipeline
from moa_scorer.scoring.shadows import Shadows
from tests.fakes.judges import STRICT, ScriptedJudge, SystemClock, abstaining, make_catalog, scoring

LISTED = Policy(
    name="listed",
    version=1,
    title="",
    rules=(
        Rule(test=Test.CERTIFICATE, then=Decision.REVIEW, certificates=(CertificateStatus.STALE,)),
        Rule(test=Test.COMPLETION, then=Decision.REVIEW, completions=(Completion.PARTIAL,)),
        Rule(test=Test.WIDER_THAN, then=Decision.REVIEW, threshold=0.5),
        Rule(test=Test.TAMPER_AT_LEAST, then=Decision.REJECT, threshold=0.5),
    ),
    otherwise=Decision.ACCEPT,
    on_unscored=Decision.REVIEW,
)
FLOOR = replace(
    STRICT, name="floor", rules=(Rule(test=Test.SCORE_BELOW, then=Decision.REVIEW, threshold=0.8),)
)


async def answer(value: float | None, *, policy: str = "strict", shadows: Shadows | None = None) -> Record:
    judge = ScriptedJudge("a", abstaining() if value is None else scoring("a", value))
    catalog = replace(make_catalog([judge]), floor=FLOOR, shadows=shadows or Shadows())
    pipeline = Pipeline(catalog, SystemClock())
    request = ScoreRequest(content=Content(text="a text to judge"), policy=policy)
    record = await pipeline.score(request, Budget.starting(SystemClock().monotonic(), 10))
    await pipeline.aclose()
    return record


def test_a_policy_tells_what_its_rules_list() -> None:
    rules = policy_message(LISTED).rules
    assert list(rules[0].certificates) == [verdict_pb2.CERTIFICATE_STATUS_STALE]
    assert list(rules[1].completions) == [verdict_pb2.COMPLETION_PARTIAL]
    assert not rules[0].HasField("threshold")
    assert (rules[2].test, rules[2].threshold) == (policy_pb2.POLICY_TEST_WIDER_THAN, 0.5)
    assert rules[3].test == policy_pb2.POLICY_TEST_TAMPER_AT_LEAST


async def test_the_floor_decides_names_its_rule_and_stands_in_the_plan() -> None:
    record = await answer(0.75)
    message = response(record, pb.VIEW_FULL)
    assert (message.decision, message.rule) == (verdict_pb2.DECISION_REVIEW, "floor:score_below:0.80")
    assert plan_message(record.plan, 1.0).floor == "policies/floor@1"
    assert "It would be accept if overall were 0.050 higher." in message.rationale


async def test_what_would_change_the_decision_is_told_of_policy_and_floor_together() -> None:
    assert (
        "It would be review if overall were 0.400 higher."
        in response(await answer(0.1), pb.VIEW_FULL).rationale
    )


async def test_a_request_without_a_policy_is_decided_by_the_floor() -> None:
    message = response(await answer(0.6, policy=""), pb.VIEW_DECISION)
    assert (message.decision, message.policy) == (verdict_pb2.DECISION_REVIEW, "")


async def test_the_floor_is_no_part_of_the_ruler() -> None:
    floored = await answer(0.6)
    judge = ScriptedJudge("a", scoring("a", 0.6))
    assert floored.plan.ruler == Pipeline(make_catalog([judge]), SystemClock()).plan(floored.request).ruler


async def test_shadows_show_in_view_full_only() -> None:
    record = await answer(0.9, shadows=Shadows(policies=(replace(LISTED, otherwise=Decision.REJECT),)))
    (shadow,) = response(record, pb.VIEW_FULL).shadows
    assert (shadow.resource, shadow.decision, shadow.rule) == (
        "policies/listed@1",
        verdict_pb2.DECISION_REJECT,
        "otherwise",
    )
    assert not response(record, pb.VIEW_BALLOTS).shadows
    assert response(record, pb.VIEW_FULL).shadow_of == ""


async def test_the_record_of_a_panel_in_the_shadow_names_the_answer() -> None:
    record = await answer(0.9)
    beside = replace(record, request=replace(record.request, shadow_of="01J"))
    assert response(beside, pb.VIEW_FULL).shadow_of == "records/01J"


async def test_what_has_no_score_is_decided_by_on_unscored_of_policy_and_floor() -> None:
    message = response(await answer(None), pb.VIEW_DECISION)
    assert (message.decision, message.rule) == (verdict_pb2.DECISION_REVIEW, "on_unscored")
    without = response(await answer(None, policy=""), pb.VIEW_DECISION)
    assert (without.decision, without.rule) == (verdict_pb2.DECISION_REVIEW, "floor:on_unscored")
