"""What a status that is not 200 comes to, by the status and by what the body says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.providers.failures import Failed, Retry, failed
from moa_scorer.providers.fields import mapping, mappings, text
from moa_scorer.providers.secrets import reference_of
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.waits import asked_wait, duration
from moa_scorer.providers.wire import HttpAnswer

_TOO_LONG: Final = re.compile(
    r"context.?length|context.?(size|window)|maximum context|prompt is too long|input token count"
    r"|request_too_large|string_above_max_length|too many input tokens"
)
_FILTERED: Final = re.compile(r"content_filter|content_policy|responsibleaipolicy|input was flagged")
_NO_QUOTA: Final = re.compile(r"insufficient_quota|billing")
"""Among codes only: messages about plain rate limits speak of billing and quotas too."""
_NO_CREDIT: Final = re.compile(r"credit balance is too low|insufficient (funds|credits|balance)")
_BAD_KEY: Final = re.compile(r"invalid_api_key|api_key_invalid|authentication_error|api key not valid")
_CLAIMS: Final = "see its own log, and whether kind or capabilities in its file claim more than it can"
_NO_MODEL: Final = re.compile(r"model_not_found|not_found_error|model .{0,200}(not found|does not exist)")
_BUSY: Final = frozenset({408, 409, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_PARAMETERS: Final = (
    *("temperature", "response_format", "top_logprobs", "logprobs", "max_completion_tokens", "max_tokens"),
    *("seed", "n", "output_config", "cache_control", "system", "responseJsonSchema", "responseLogprobs"),
    *("candidateCount", "generationConfig"),
)
"""What we send and a vendor may object to; only these words of a vendor's message are ever repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What an error body says, in lower case; used to tell failures apart, never shown."""

    codes: str
    """Types, codes and reasons."""
    message: str
    parameter: str
    """The one of ours that it objects to; empty when it names none."""
    delay: float | None
    """Seconds to wait, as of google.rpc.RetryInfo."""

    @property
    def all(self) -> str:
        return f"{self.codes} {self.message}"

    @property
    def broke(self) -> bool:
        """Whether what is missing is money, not patience."""
        return bool(_NO_QUOTA.search(self.codes) or _NO_CREDIT.search(self.message))


def failure_of(answer: HttpAnswer, spec: EndpointSpec) -> Failed:
    """The failure that the answer tells of. Of the vendor's words only names of our parameters get out."""
    said = _said(answer.body)
    status = answer.status
    if status in (401, 403) or _BAD_KEY.search(said.codes + said.message):
        return _denied(status, said, spec)
    if status == 402 or (status in (400, 429) and said.broke):
        return failed(f"the account at endpoint {spec.name} has no quota or credit left")
    if status == 413 or (status in (400, 422, 500) and _TOO_LONG.search(said.all)):
        return failed("the prompt is longer than the model's context", reason=AbstentionReason.TOO_LONG)
    if status == 400 and _FILTERED.search(said.all):
        return failed("the vendor's content filter", reason=AbstentionReason.REFUSED)
    if status == 404 or (status == 400 and _NO_MODEL.search(said.all)):
        return failed(f"endpoint {spec.name} knows no such model or path; check model and base_url")
    return _by_status(answer, said, spec)


def _denied(status: int, said: _Said, spec: EndpointSpec) -> Failed:
    """A key that does not open, or a content filter that speaks by 403 as OpenRouter's does."""
    if _FILTERED.search(said.all):
        return failed("the vendor's content filter", reason=AbstentionReason.REFUSED)
    return failed(f"endpoint {spec.name} denies access (status {status}); check {reference_of(spec.key)}")


def _by_status(answer: HttpAnswer, said: _Said, spec: EndpointSpec) -> Failed:
    """What is left when the body says nothing more particular."""
    status = _inner_status(answer)
    wait = asked_wait(answer.headers)
    after = said.delay if wait is None else wait
    if status == 429:
        detail = f"endpoint {spec.name} limits the rate"
        return failed(detail, reason=AbstentionReason.RATE_LIMITED, retry=Retry.RATE_LIMITED, after=after)
    detail = f"endpoint {spec.name} answered with status {status}"
    if (status in _BUSY or status == 200) and answer.headers.get("x-should-retry") != "false":
        return failed(detail, retry=Retry.TRANSIENT, after=after)
    if 300 <= status < 400:
        return failed(f"{detail}: a redirect, which is not followed; check base_url")
    if said.parameter:
        return failed(f"{detail}; it objects to {said.parameter}")
    return failed(f"{detail}: {_CLAIMS}" if status in (400, 422) else detail)


def _inner_status(answer: HttpAnswer) -> int:
    """The status; under 200 the code in the body, which OpenRouter fills with the upstream's status."""
    if answer.status != 200:
        return answer.status
    code = _error(answer.body).get("code")
    return code if isinstance(code, int) and 400 <= code < 600 else 200


def _said(body: bytes) -> _Said:
    error = _error(body)
    details = list(mappings(error.get("details")))
    codes = [
        error.get("type"),
        error.get("code"),
        error.get("status"),
        mapping(error.get("innererror")).get("code"),
    ]
    codes += [detail.get("reason") for detail in details]
    delays = [duration(text(detail.get("retryDelay"))) for detail in details]
    message = text(error.get("message"))[:2000]
    return _Said(
        codes=" ".join(text(code)[:100].lower() for code in codes),
        message=message.lower(),
        parameter=_parameter(text(error.get("param")), message),
        delay=next((delay for delay in delays if delay is not None), None),
    )


def _error(body: bytes) -> Mapping[str, Any]:
    """The object that describes the error, wherever the vendor puts it; empty when there is none."""
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        return {}
    if isinstance(value, list):  # Google wraps some errors in a list
        value = value[0] if value else {}
    outer = mapping(value)
    inner = outer.get("error")
    if isinstance(inner, str):
        return {"message": inner}
    return mapping(inner) or outer


def _parameter(named: str, message: str) -> str:
    """The parameter of ours that an error names, as such or in quotes within its message."""
    quoted = set(re.findall(r"[`'\"]([A-Za-z_]{1,40})[`'\"]", message))
    return next((ours for ours in _PARAMETERS if ours == named or ours in quoted), "")
