"""One upstream request as a span, by the conventions of OpenTelemetry for generative AI."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from moa_scorer.providers.failures import Failed
from moa_scorer.providers.job import Job
from moa_scorer.providers.model import ModelReply
from moa_scorer.providers.spec import EndpointSpec, Wire
from moa_scorer.providers.wire import HttpCall
from moa_scorer.telemetry import spans
from moa_scorer.telemetry.evaluations import Fields, Value

_PROVIDERS: Final[Mapping[Wire, str]] = {Wire.ANTHROPIC: "anthropic", Wire.GEMINI: "gcp.gemini"}
_PORTS: Final = {"http": 80, "https": 443}
_VENDORS_SEE: Final = frozenset({"traceparent"})
"""Of the headers of a trace; the others may hold what callers' own systems wrote for each other."""


def sending(spec: EndpointSpec, job: Job) -> AbstractContextManager[spans.Span]:
    """A span while a request is on its way. It holds no prompt."""
    return spans.chat(job.model, _asked(spec, job) if spans.on() else {})


def with_trace(call: HttpCall, spec: EndpointSpec) -> HttpCall:
    """The call with the W3C context of its span, where there is one."""
    carried = spans.headers()
    if not carried:
        return call
    given = ((name, value) for name, value in carried.items() if spec.local or name in _VENDORS_SEE)
    return replace(call, headers=(*call.headers, *given))


def sent(span: spans.Span, outcome: ModelReply | Failed) -> None:
    """What came of it; no reply."""
    if isinstance(outcome, Failed):
        span.failed(outcome.failure.reason)
        return
    usage = outcome.usage
    span.add(
        {
            "gen_ai.response.model": outcome.model,
            "gen_ai.response.finish_reasons": [str(sample.finish) for sample in outcome.samples],
            "gen_ai.usage.input_tokens": usage.input_tokens,
            "gen_ai.usage.output_tokens": usage.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        }
    )


def _asked(spec: EndpointSpec, job: Job) -> Fields:
    request, address = job.request, urlsplit(spec.base_url)
    fields: dict[str, Value] = {
        "gen_ai.provider.name": _PROVIDERS.get(spec.wire, spec.name),
        "gen_ai.request.max_tokens": request.max_tokens,
        "gen_ai.request.temperature": request.temperature,
        "gen_ai.request.choice.count": request.samples,
        "gen_ai.output.type": "json" if request.schema is not None else "text",
        "server.address": address.hostname or "",
        "server.port": address.port or _PORTS[address.scheme],
        "moa.endpoint": spec.name,
    }
    return fields if request.seed is None else fields | {"gen_ai.request.seed": request.seed}
