"""Samples, stand-ins, money and the card of a model."""

import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.budget import Budget
from moa_scorer.providers.http_model import HttpModel
from moa_scorer.providers.model import ModelFailure, ModelReply, ModelRequest
from moa_scorer.providers.spec import Capabilities
from tests.fakes.endpoints import (
    BROKEN,
    Act,
    BookTab,
    ScriptedSender,
    acts,
    always,
    busy,
    endpoint,
    model,
    prompt,
)
from tests.fakes.virtual_time import in_virtual_time


async def ask(
    over: HttpModel, tab: BookTab | None = None, request: ModelRequest | None = None
) -> ModelReply | ModelFailure:
    return await over.ask(request or prompt(), Budget(10.0), tab or BookTab())


def down(stand_in: HttpModel, http: ScriptedSender | None = None) -> HttpModel:
    """A model whose endpoint fails, and that has a stand-in."""
    return model(endpoint(http or always(BROKEN), attempts=1), stand_ins=[stand_in])


@in_virtual_time
async def test_who_answered_is_noted() -> None:
    tab = BookTab()
    await ask(model(endpoint(always(Act()))), tab)
    assert (tab.model, tab.stand_in) == ("m-1", "")


@in_virtual_time
async def test_a_stand_in_answers_for_an_endpoint_that_is_down_and_is_named() -> None:
    tab = BookTab()
    with capture_logs() as logged:
        outcome = await ask(down(model(endpoint(acts(Act()), name="spare"))), tab)
    assert isinstance(outcome, ModelReply)
    assert tab.stand_in == "spare"
    assert {"event": "stand_in_answered", "endpoint": "fake", "stand_in": "spare"}.items() <= logged[
        -1
    ].items()
    assert tab.usage.calls == 2


@in_virtual_time
async def test_a_stand_in_is_not_asked_because_a_vendor_is_busy() -> None:
    tab = BookTab()
    over = down(model(endpoint(acts(), name="spare")), always(busy()))
    outcome = await ask(over, tab)
    assert isinstance(outcome, ModelFailure)
    assert outcome.reason is AbstentionReason.RATE_LIMITED
    assert tab.stand_in == ""


@in_virtual_time
async def test_when_the_stand_in_fails_too_the_judges_own_failure_counts() -> None:
    refused = Act(status=400, body=b"{}")
    tab = BookTab()
    outcome = await ask(down(model(endpoint(always(refused), name="spare"))), tab)
    assert isinstance(outcome, ModelFailure)
    assert outcome.reason is AbstentionReason.PROVIDER_ERROR
    assert (tab.stand_in, tab.open) == ("", 0)


@in_virtual_time
async def test_a_vendor_cannot_stand_in_for_a_local_model() -> None:
    vendor = model(endpoint(acts(), name="vendor"))
    with pytest.raises(ValueError, match="local model"):
        model(endpoint(acts(), local=True), stand_ins=[vendor])


@in_virtual_time
async def test_samples_are_asked_for_side_by_side_with_seeds_of_their_own() -> None:
    http = always(Act(seconds=1))
    over = model(endpoint(http, capabilities=Capabilities(seed=True)))
    outcome = await ask(over, request=prompt(samples=3, seed=7, temperature=0.7))
    assert isinstance(outcome, ModelReply)
    assert (len(outcome.samples), outcome.usage.calls, http.most_in_flight) == (3, 3, 3)
    assert sorted(json.loads(body)["seed"] for body in http.bodies) == [7, 8, 9]


@in_virtual_time
async def test_an_endpoint_that_gives_two_samples_is_called_twice_for_three() -> None:
    http = always(Act())
    await ask(model(endpoint(http, capabilities=Capabilities(samples=2))), request=prompt(samples=3))
    assert [json.loads(body).get("n", 1) for body in http.bodies] == [2, 1]


@in_virtual_time
async def test_samples_that_came_are_not_lost_with_one_that_did_not() -> None:
    refused = Act(status=400, body=b"{}")
    outcome = await ask(model(endpoint(acts(Act(), refused, Act()))), request=prompt(samples=3))
    assert isinstance(outcome, ModelReply)
    assert len(outcome.samples) == 2


@in_virtual_time
async def test_the_most_that_samples_may_cost_is_that_of_all_their_calls() -> None:
    over = model(endpoint(acts()))
    assert over.most(prompt(samples=3)) == 3 * over.most(prompt())


@in_virtual_time
async def test_a_reply_never_costs_more_than_was_reserved() -> None:
    over, tab = model(endpoint(always(Act()))), BookTab()
    request = prompt(user="word " * 100, max_tokens=50)
    await ask(over, tab, request)
    assert tab.usage.micro_usd <= over.most(request)


@in_virtual_time
async def test_a_model_without_a_price_is_asked_only_where_there_is_no_ceiling() -> None:
    over = model(endpoint(always(Act())), price=None)
    assert (over.priced, over.most(prompt())) == (False, 0)
    tab = BookTab()
    assert isinstance(await ask(over, tab), ModelReply)
    assert (tab.usage.micro_usd, tab.reserved) == (0, 0)
    capped = await ask(over, BookTab(ceiling=10**9))
    assert isinstance(capped, ModelFailure)
    assert capped.reason is AbstentionReason.BUDGET
    assert "prices.yaml" in capped.detail


@in_virtual_time
async def test_a_local_model_costs_nothing() -> None:
    tab = BookTab(ceiling=0)
    over = model(endpoint(always(Act()), local=True), price=None)
    assert isinstance(await ask(over, tab), ModelReply)
    assert (over.priced, tab.usage.micro_usd) == (True, 0)


@in_virtual_time
async def test_the_card_names_who_may_stand_in_by_digest() -> None:
    spare = model(endpoint(acts(), name="spare"))
    assert down(spare).card.stand_ins == (spare.card.digest,)
    assert down(spare).card.digest == model(endpoint(acts())).card.digest


@in_virtual_time
async def test_the_digest_changes_with_what_may_change_numbers_only() -> None:
    plain = endpoint(acts())
    moved = endpoint(acts(), name="elsewhere", concurrency=1)
    moved.spec = replace(moved.spec, base_url="http://other:81")
    seeded = endpoint(acts(), capabilities=Capabilities(seed=True))
    digests = [
        HttpModel(e, m, None).card.digest
        for e, m in [(plain, "m"), (moved, "m"), (seeded, "m"), (plain, "n")]
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
