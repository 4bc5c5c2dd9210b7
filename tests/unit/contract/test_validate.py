"""Validation finds every violation at once."""

import pytest
from google.protobuf.duration_pb2 import Duration

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.cost_pb2 import Cost
from moa_scorer.contract.limits import LIMITS
from moa_scorer.contract.validate import (
    batch_violations,
    page_violations,
    reference_violations,
    score_violations,
)


def fields(request: pb.ScoreContentRequest, **options: bool) -> list[str]:
    return [violation.field for violation in score_violations(request, **options)]


def request_with(**changes: object) -> pb.ScoreContentRequest:
    request = pb.ScoreContentRequest(content=Content(text="fine"))
    request.MergeFrom(pb.ScoreContentRequest(**changes))  # type: ignore[arg-type]
    return request


def test_the_smallest_request_is_valid() -> None:
    assert fields(pb.ScoreContentRequest(content=Content(text="Great post, thanks!"))) == []


def test_a_request_that_uses_every_field_is_valid() -> None:
    request = pb.ScoreContentRequest(
        content=Content(
            text="t", id="c-1", language="en", kind="comment", title="T", context="C", producer="gpt"
        ),
        panel="panels/embedded@1",
        rubric="comment",
        policy="policies/comments",
        expected_ruler="sha256:" + "a" * 64,
        latency_budget=Duration(nanos=250_000_000),
        quorum=3,
        view=pb.VIEW_FULL,
        cost_ceiling=Cost(micro_usd=0),
        sensitivity=pb.SENSITIVITY_LOCAL_ONLY,
        seed=2**31 - 1,
    )
    assert fields(request) == []


def test_all_violations_are_reported_at_once_and_in_order() -> None:
    request = pb.ScoreContentRequest(
        content=Content(
            text=" \n",
            id="a b",
            language="English",
            kind="Comment",
            title="\0",
            context="c" * 70_000,
            producer="g p t",
        ),
        panel="no such/panel",
        rubric="@2",
        policy="policies/",
        expected_ruler="md5:1",
        latency_budget=Duration(seconds=-1),
        quorum=0,
        view=99,  # type: ignore[arg-type]
        cost_ceiling=Cost(micro_usd=-1),
        sensitivity=99,  # type: ignore[arg-type]
        seed=2**31,
    )
    content = [f"content.{f}" for f in ("text", "id", "language", "kind", "title", "context", "producer")]
    others = ["panel", "rubric", "policy", "expected_ruler", "latency_budget", "quorum", "view"]
    others += ["cost_ceiling.micro_usd", "sensitivity", "seed"]
    assert fields(request) == content + others


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "\u2003", "  \u200b\u00a0 ", "\ufeff\u202e\u2060", "\u3164\u2800"]
)
def test_blank_text_is_a_violation(text: str) -> None:
    assert fields(pb.ScoreContentRequest(content=Content(text=text))) == ["content.text"]


@pytest.mark.parametrize("text", ["\u200b.", "  \u00a0é", "\U0001f600", "\U0001fae8", "\ue000", "中"])
def test_one_visible_character_is_enough(text: str) -> None:
    assert fields(pb.ScoreContentRequest(content=Content(text=text))) == []


def test_a_text_that_is_too_long_is_not_searched_for_something_visible() -> None:
    (violation,) = score_violations(
        pb.ScoreContentRequest(content=Content(text=" " * (LIMITS.text_bytes + 1)))
    )
    assert "at most" in violation.description


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a" * LIMITS.text_bytes, []),
        ("a" * LIMITS.text_bytes + "b", ["content.text"]),
        ("é" * 40_000, ["content.text"]),
    ],
)
def test_text_is_measured_in_bytes_of_utf_8(text: str, found: list[str]) -> None:
    assert fields(pb.ScoreContentRequest(content=Content(text=text))) == found


@pytest.mark.parametrize(
    "budget",
    [
        Duration(),
        Duration(seconds=-1),
        Duration(nanos=-1),
        Duration(seconds=601),
        Duration(seconds=2**62),
        Duration(seconds=1, nanos=-1),
        Duration(seconds=-1, nanos=1),
        Duration(nanos=2_000_000_000),
    ],
)
def test_a_zero_negative_absurd_or_malformed_budget_is_a_violation(budget: Duration) -> None:
    assert fields(request_with(latency_budget=budget)) == ["latency_budget"]


@pytest.mark.parametrize("view", [5, -1, 2**31 - 1])
def test_an_unknown_view_number_is_a_violation(view: int) -> None:
    assert fields(request_with(view=view)) == ["view"]


def test_a_ceiling_without_an_amount_is_no_ceiling_of_zero() -> None:
    assert fields(request_with(cost_ceiling=Cost())) == ["cost_ceiling.micro_usd"]


@pytest.mark.parametrize("producer", ["gpt", "meta-llama/Llama-3-8B-Instruct", "x" * 128])
def test_families_and_ids_of_models_are_producers(producer: str) -> None:
    assert fields(request_with(content=Content(producer=producer))) == []


def test_the_full_view_is_not_for_batches() -> None:
    full = request_with(view=pb.VIEW_FULL)
    assert fields(full, batched=True) == ["view"]
    assert fields(request_with(view=pb.VIEW_BALLOTS), batched=True) == []


def test_a_prefix_leads_every_path() -> None:
    (violation,) = score_violations(pb.ScoreContentRequest(), prefix="requests[3].")
    assert violation.field == "requests[3].content.text"


def test_descriptions_never_quote_what_was_sent() -> None:
    secret = "hunter2"
    request = pb.ScoreContentRequest(
        content=Content(text="\0" + secret, id=secret + " ", kind=secret.upper(), language=secret),
        panel=secret + "!",
    )
    found = score_violations(request)
    assert len(found) == 5
    assert not any(secret in v.description.lower() for v in found)


def test_a_batch_must_hold_something_but_not_too_much() -> None:
    item = pb.ScoreContentRequest(content=Content(text="x"))
    assert len(batch_violations(pb.BatchScoreContentsRequest())) == 1
    assert batch_violations(pb.BatchScoreContentsRequest(requests=[item] * 100)) == ()
    assert len(batch_violations(pb.BatchScoreContentsRequest(requests=[item] * 101))) == 1
    heavy = pb.ScoreContentRequest(content=Content(text="x" * 50_000))
    assert len(batch_violations(pb.BatchScoreContentsRequest(requests=[heavy] * 100))) == 1


@pytest.mark.parametrize("reference", ["a", "embedded-fast", "panels/a", "a@1", "panels/a.b_c@12", "x" * 128])
def test_names_with_and_without_collection_and_version_are_references(reference: str) -> None:
    assert not list(reference_violations("panel", "panels", reference))


@pytest.mark.parametrize(
    "reference", ["a b", "rubrics/a", "a@0", "a@", "a@-1", "panels/", "a\n", "é", "x" * 129, "a@1@2", "-a"]
)
def test_anything_else_is_no_reference(reference: str) -> None:
    assert list(reference_violations("panel", "panels", reference))


def test_an_empty_reference_is_a_violation_only_where_one_is_required() -> None:
    assert not list(reference_violations("name", "panels", ""))
    assert list(reference_violations("name", "panels", "", required=True))
    assert list(reference_violations("name", "judges", "fluency@1", versioned=False))


def test_pages_have_no_negative_size_and_no_endless_token() -> None:
    assert [v.field for v in page_violations(-1, "x" * 1000)] == ["page_size", "page_token"]
