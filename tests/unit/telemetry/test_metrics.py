"""What moves the metrics, and what never becomes a label."""

from dataclasses import replace

from prometheus_client import REGISTRY

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.tenant import Tenant
from moa_scorer.telemetry import events, metrics
from moa_scorer.web.operations import exposition
from tests.fakes.judges import ScriptedJudge, abstaining, make_pipeline, scoring


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def record(text: str = "some text", **others: object) -> Record:
    judges = [
        ScriptedJudge("ann", scoring("ann", 0.7), cost=250_000),
        ScriptedJudge("bob", scoring("bob", 0.6)),
        ScriptedJudge("cid", abstaining()),
    ]
    pipeline = make_pipeline(judges)
    request = ScoreRequest(content=Content(text=text, id="c-17"), tags={"team": "crimson"})
    return await pipeline.score(request, Budget.starting(pipeline.clock.monotonic(), 10))


async def test_an_item_counts_once_with_its_ballots_and_money() -> None:
    found = await record()
    names = {"panel": "scripted", "completion": "partial", "decision": "none"}
    before = [
        value("moa_items_total", **names),
        value("moa_ballots_total", judge="ann", outcome="judged"),
        value("moa_ballots_total", judge="cid", outcome="too_short"),
        value("moa_cost_usd_total", tenant="default", judge="ann"),
    ]
    metrics.item_concluded(found)
    after = [
        value("moa_items_total", **names),
        value("moa_ballots_total", judge="ann", outcome="judged"),
        value("moa_ballots_total", judge="cid", outcome="too_short"),
        value("moa_cost_usd_total", tenant="default", judge="ann"),
    ]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 1, 0.25]


async def test_a_cache_hit_is_an_item_that_asked_nobody() -> None:
    found = replace(await record(), cache=CacheUse.HIT)
    before = (
        value("moa_ballots_total", judge="ann", outcome="judged"),
        value("moa_answers_total", cache="hit"),
    )
    metrics.item_concluded(found)
    after = value("moa_ballots_total", judge="ann", outcome="judged"), value("moa_answers_total", cache="hit")
    assert (after[0] - before[0], after[1] - before[1]) == (0, 1)


async def test_no_label_holds_content_ids_or_tags() -> None:
    metrics.item_concluded(await record("a secret text about Miranda"))
    told = exposition().decode()
    assert "moa_items_total" in told
    assert not any(word in told for word in ("secret", "Miranda", "c-17", "crimson"))


async def test_tenants_beyond_a_number_share_a_label() -> None:
    found = await record()
    for n in range(metrics.MOST_TENANTS + 50):
        metrics.item_concluded(replace(found, request=replace(found.request, tenant=Tenant(f"t{n}"))))
    labels = {
        sample.labels["tenant"]
        for family in REGISTRY.collect()
        if family.name == "moa_cost_usd"
        for sample in family.samples
    }
    assert len(labels) <= metrics.MOST_TENANTS + 1
    assert "other" in labels


def test_the_ledger_is_down_until_it_is_back() -> None:
    events.ledger_down(error="ConnectionError")
    assert value("moa_ledger_down") == 1
    events.ledger_back()
    assert value("moa_ledger_down") == 0


def test_an_event_of_which_one_is_enough_is_told_before_there_was_any() -> None:
    for event in metrics.ONE_IS_ENOUGH:
        assert REGISTRY.get_sample_value("moa_events_total", {"event": event}) is not None
