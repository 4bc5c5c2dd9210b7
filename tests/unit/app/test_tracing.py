"""Traces of a server process: on by a setting, refused with what to install, and ended in time."""

import threading
from pathlib import Path

import pytest

from moa_scorer.app.serving import tracing
from moa_scorer.app.settings import load_settings
from moa_scorer.app.settings_telemetry import Otel
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.telemetry import otel, spans
from tests.fakes.collector import collecting, fields_of


def test_traces_without_the_library_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "_PACKAGES", ("opentelemetry_that_is_not_there.sdk",))
    [mistake] = tracing.tracing_mistakes(Otel(endpoint="http://127.0.0.1:4317"))
    assert "pip install 'moa-scorer[otel]'" in mistake


def test_nothing_has_to_be_installed_where_no_traces_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "_PACKAGES", ("opentelemetry_that_is_not_there.sdk",))
    assert list(tracing.tracing_mistakes(Otel())) == []


@pytest.mark.parametrize(
    "said", ["collector.example", "127.0.0.1:4317", "http://user:zqpasswordmarkzq@host:4317", "ftp://host"]
)
def test_an_endpoint_that_is_none_is_a_mistake_and_its_password_is_not_repeated(
    tmp_path: Path, said: str
) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f'otel = {{endpoint = "{said}"}}')
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config)
    assert "otel.endpoint" in str(caught.value)
    assert "zqpasswordmarkzq" not in str(caught.value)
    assert "should" in str(caught.value)


async def test_without_an_endpoint_there_are_no_spans() -> None:
    async with tracing.traced(Otel()):
        assert not spans.on()


async def test_what_was_traced_has_arrived_when_the_block_ends() -> None:
    async with collecting() as collected:
        async with tracing.traced(Otel(endpoint=f"http://127.0.0.1:{collected.port}", service="mine")):
            with spans.judge("ann"):
                pass
        assert not spans.on()
        (span,) = collected.spans()
        assert fields_of(span) == {"moa.judge": "ann"}
        (resource,) = {
            each.resource.SerializeToString() for r in collected.traces for each in r.resource_spans
        }
        assert b"mine" in resource


async def test_a_share_of_nothing_sends_nothing_but_what_a_caller_has_chosen() -> None:
    sampled = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    async with collecting() as collected:
        async with tracing.traced(Otel(endpoint=f"http://127.0.0.1:{collected.port}", share=0.0)):
            with spans.call("/a.B/C", "r", {}):
                pass
            with spans.call("/a.B/D", "r", sampled):
                pass
        assert [span.name for span in collected.spans()] == ["a.B/D"]


def test_a_receiver_that_is_away_holds_the_end_of_the_process_up_for_seconds_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(otel, "CLOSING", 0.1)
    tracer = otel.OtelTracer.sending(
        otel.Sending(endpoint="http://127.0.0.1:9", service="s", share=1.0, explains=False)
    )
    spans.trace_with(tracer)
    with spans.judge("ann"):
        pass
    spans.trace_with(None)
    tracer.close()
    assert any(thread.is_alive() and thread.daemon for thread in threading.enumerate())
