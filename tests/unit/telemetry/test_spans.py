"""Spans of a call, an item, judges and requests to models, and the evaluations beside them."""

import logging
from collections.abc import Iterator

import grpc.aio
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from moa_scorer.api.v1 import content_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.telemetry import otel, spans
from moa_scorer.telemetry.context import with_scope
from moa_scorer.telemetry.logs import configure
from tests.fakes.endpoints import BROKEN, Act, BookTab, acts, endpoint, model, prompt
from tests.fakes.judges import ScriptedJudge, abstaining, crashing, make_pipeline, scoring
from tests.fakes.servers import serving
from tests.fakes.traces import Traced, tracing

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = int("0af7651916cd43dd8448eb211c80319c", 16)
TEXT = "A text that no trace may hold."


@pytest.fixture
def traced() -> Iterator[Traced]:
    with tracing() as found:
        yield found


def judges() -> list[ScriptedJudge]:
    return [
        ScriptedJudge("ann", scoring("ann", 0.7), cost=250_000),
        ScriptedJudge("bob", scoring("bob", 0.6)),
        ScriptedJudge("cid", abstaining()),
        ScriptedJudge("dot", crashing(ValueError(TEXT))),
    ]


async def called(traced: Traced, text: str = TEXT, **metadata: str) -> None:
    async with serving(make_pipeline(judges())) as server:
        request = pb.ScoreContentRequest(content=content_pb2.Content(text=text))
        await server.scoring.ScoreContent(request, metadata=tuple(metadata.items()))


async def test_a_call_is_the_span_of_its_item_and_that_of_its_judges(traced: Traced) -> None:
    await called(traced)
    call, item = traced.one("moa_scorer.api.v1.ScoringService/ScoreContent"), traced.one("score_item")
    assert call.kind is SpanKind.SERVER
    assert call.attributes is not None
    assert call.attributes["rpc.response.status_code"] == "OK"
    assert item.parent is not None
    assert item.parent.span_id == call.context.span_id
    found = {span.name: span for span in traced.named("judge ")}
    assert set(found) == {"judge ann", "judge bob", "judge cid", "judge dot"}
    assert {span.parent.span_id for span in found.values() if span.parent} == {item.context.span_id}
    assert dict(found["judge ann"].attributes or {})["moa.cost_usd"] == 0.25
    assert found["judge cid"].status.status_code is StatusCode.ERROR


async def test_the_caller_s_trace_is_continued(traced: Traced) -> None:
    await called(traced, traceparent=CALLER)
    assert {span.context.trace_id for span in traced.sent.get_finished_spans()} == {TRACE}


async def test_no_span_and_no_event_holds_the_text_or_an_exception_s(traced: Traced) -> None:
    await called(traced)
    told = [span.to_json() for span in traced.sent.get_finished_spans()]
    assert TEXT not in "".join(told) + str(traced.evaluations())


async def test_a_refused_call_is_no_fault_of_the_server_s(traced: Traced) -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await called(traced, text="")
    call = traced.one("moa_scorer.api.v1.ScoringService/ScoreContent")
    assert (call.attributes or {})["rpc.response.status_code"] == "INVALID_ARGUMENT"
    assert call.status.status_code is StatusCode.UNSET
    assert not call.events


async def test_a_verdict_is_told_as_evaluations_without_an_explanation(traced: Traced) -> None:
    await called(traced)
    whole, *criteria = traced.evaluations()
    assert whole["gen_ai.evaluation.name"] == "quality"
    assert whole["gen_ai.evaluation.score.value"] == pytest.approx(0.65)
    assert whole["gen_ai.evaluation.score.label"] == "none"
    assert [each["gen_ai.evaluation.name"] for each in criteria] == ["quality.quality", "quality.style"]
    assert "gen_ai.evaluation.explanation" not in whole


async def test_an_explanation_is_told_where_it_was_asked_for() -> None:
    with tracing(explains=True) as traced:
        await called(traced)
    assert traced.evaluations()[0]["gen_ai.evaluation.explanation"]


async def test_an_unscored_item_is_evaluated_without_a_number(traced: Traced) -> None:
    pipeline = make_pipeline([ScriptedJudge("cid", abstaining())])
    budget = Budget.starting(pipeline.clock.monotonic(), 10)
    await pipeline.score(ScoreRequest(content=Content(text=TEXT)), budget)
    (whole,) = traced.evaluations()
    assert "gen_ai.evaluation.score.value" not in whole
    assert whole["error.type"] == "quorum_missed"
    assert traced.one("score_item").status.status_code is StatusCode.ERROR


async def test_every_request_to_a_model_is_a_span_with_what_it_used(traced: Traced) -> None:
    sender = acts(BROKEN, Act())
    asked = model(endpoint(sender, attempts=2, hedge=False))
    await asked.ask(prompt(seed=7), Budget(deadline=1e9), BookTab())
    failed, answered = traced.named("chat m-1")
    assert failed.kind is answered.kind is SpanKind.CLIENT
    assert (failed.attributes or {})["error.type"] == "provider_error"
    assert (
        dict(answered.attributes or {}).items()
        >= {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "fake",
            "gen_ai.request.model": "m-1",
            "gen_ai.response.model": "m-1",
            "gen_ai.request.seed": 7,
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 10,
        }.items()
    )


@pytest.mark.parametrize(
    ("local", "given"), [(True, {"traceparent", "tracestate"}), (False, {"traceparent"})]
)
async def test_a_vendor_is_given_the_trace_and_nothing_that_other_systems_wrote_into_it(
    traced: Traced, local: bool, given: set[str]
) -> None:
    sender = acts(Act())
    asked = model(endpoint(sender, local=local))
    with spans.call("/a.B/C", "r", {"traceparent": CALLER, "tracestate": "acme=inner"}):
        await asked.ask(prompt(), Budget(deadline=1e9), BookTab())
    headers = dict(sender.calls[0].headers)
    assert set(headers) == given
    span = traced.one("chat")
    assert headers["traceparent"] == f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"


def test_log_lines_of_a_call_carry_the_ids_of_its_trace(traced: Traced) -> None:
    with spans.call("/a.B/C", "r", {"traceparent": CALLER}):
        inside = with_scope(None, "info", {"event": "x"})
    assert inside["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert "trace_id" not in with_scope(None, "info", {"event": "x"})


def test_without_a_tracer_there_is_one_span_for_all_that_does_nothing() -> None:
    assert spans.item() is spans.judge("ann") is spans.chat("m", {}) is spans.call("/m", "r", {})
    assert spans.headers() == {}
    with spans.item() as span:
        span.failed("nothing")


def test_what_the_sdk_says_of_itself_becomes_an_event_without_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel, "QUIET", 0.0)
    configure("json", "info")
    tracer = otel.OtelTracer.sending(
        otel.Sending(endpoint="http://127.0.0.1:9", service="s", share=1.0, explains=False)
    )
    logging.getLogger("opentelemetry.sdk.trace").warning("sent to %s failed", "key=secret")
    tracer.close()
    said = capsys.readouterr().err
    assert "traces_unsent" in said
    assert "secret" not in said
