"""Every signal that leaves the service: log events, metrics, spans and trace events, each with its fields.

Nothing is emitted that is not declared here, and nothing is declared here that is never emitted: tests hold
the emitting modules, a running server and the whole suite against these tables. No field ever holds content,
a prompt, a secret or text that a vendor chose.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar


class Kind(StrEnum):
    """What a metric of Prometheus is."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    """Of seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSignal:
    """A line of the log. Inside a call it also has `SCOPE`, and `level` and `timestamp` always."""

    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSignal:
    """A family of time series."""

    name: str
    """Without the suffixes that Prometheus adds, such as `_total`; the unit stands at its end."""
    kind: Kind
    labels: tuple[str, ...]
    help: str
    across: str = ""
    """How a gauge of several processes becomes one, as prometheus_client calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSignal:
    """A span of a trace, or an event beside one."""

    name: str
    """As written, a part in braces being the call's own."""
    fields: tuple[str, ...]
    """Attributes that it may have."""


SCOPE: Final = ("request_id", "method", "tenant", "trace_id", "span_id")
"""Fields of every line that belongs to a call; the last two only while traces are sent."""


def _event(name: str, fields: str = "") -> EventSignal:
    return EventSignal(name=name, fields=tuple(fields.split()))


def _counter(name: str, labels: str, said: str) -> MetricSignal:
    return MetricSignal(name=name, kind=Kind.COUNTER, labels=tuple(labels.split()), help=said)


def _seconds(name: str, labels: str, said: str) -> MetricSignal:
    return MetricSignal(name=name, kind=Kind.HISTOGRAM, labels=tuple(labels.split()), help=said)


def _gauge(name: str, labels: str, across: str, said: str) -> MetricSignal:
    return MetricSignal(name=name, kind=Kind.GAUGE, labels=tuple(labels.split()), help=said, across=across)


def _span(name: str, fields: str) -> SpanSignal:
    return SpanSignal(name=name, fields=tuple(fields.split()))


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


def _by_name(signals: Iterable[_N]) -> Mapping[str, _N]:
    return {signal.name: signal for signal in signals}


EVENTS: Final = _by_name(
    (
        # calls and items
        _event("rpc_finished", "code milliseconds"),
        _event("rpc_crashed", "error"),
        _event("item_scored", "panel rubric completion decision planned answered milliseconds cache"),
        _event("judge_abstained", "judge reason detail milliseconds"),
        _event("judge_crashed", "judge error"),
        _event("shadow_ruled", "resource enforced decision difference micro_usd"),
        _event("shadow_left_out", "resource"),
        _event("shadow_failed", "resource error"),
        # quotas
        _event("quotas_in_force", "tenants counted workers"),
        _event("quota_refused", "tenant meter"),
        _event("quota_uncounted"),
        _event("quota_unsettled"),
        _event("load_shed", "items limit at_work waiting"),
        _event("ledger_down", "error"),
        _event("ledger_back"),
        # endpoints
        _event("circuit_changed", "endpoint circuit"),
        _event("stand_in_answered", "endpoint stand_in"),
        # calibration
        _event("judge_drifts", "snapshot judge what kept"),
        _event("source_drifts", "snapshot source what kept"),
        # the server's life
        _event("server_listening", "address port workers pid"),
        _event("server_serving", "panel warm_seconds"),
        _event("metrics_listening", "address port"),
        _event("admin_listening", "address port"),
        _event("operator_acted", "action subject who"),
        _event("server_draining", "grace_seconds"),
        _event("server_stopped"),
        _event("worker_exited", "worker_pid code replaced"),
        _event("certificate_refused", "why"),
        _event("transport_unguarded", "grpcio detail"),
        _event("credentials_in_clear_text", "address detail"),
        _event("model_missing", "judge detail"),
        _event("traces_unsent", "error"),
        _event("library_warned", "library severity place error"),
        # the catalogue
        _event("catalog_reloaded", "changes milliseconds"),
        _event("reload_refused", "mistakes detail"),
        _event("reload_crashed", "error"),
        _event("restart_needed", "what detail"),
        # memory
        _event("database_opened", "database"),
        _event("storage_down", "detail"),
        _event("storage_back"),
        _event("record_refused", "error"),
        _event("records_expired", "records"),
        _event("upkeep_failed", "work error"),
        _event("cache_down", "error"),
        _event("cache_back"),
        # jobs
        _event("job_taken", "job kind done"),
        _event("job_ended", "job state detail"),
        _event("job_handed_back", "job"),
        _event("job_lost", "job"),
        _event("job_paused", "job detail"),
        _event("job_out_of_quota", "job meter new_in_seconds"),
        _event("job_crashed", "job error"),
        _event("job_item_crashed", "job item error"),
    )
)

METRICS: Final = _by_name(
    (
        _counter("moa_calls", "method code", "Calls that ended, by gRPC method and status."),
        _seconds("moa_call_seconds", "method", "Time of a call."),
        _gauge("moa_calls_in_flight", "", "livesum", "Calls that are being worked on."),
        _counter("moa_items", "panel completion decision", "Items that got a verdict."),
        _counter("moa_items_unscored", "panel reason", "Items without a score, and why."),
        _counter("moa_certificates", "panel status", "Scores by what they may be read as."),
        _seconds("moa_item_seconds", "panel", "Time from the plan to the verdict."),
        _counter("moa_ballots", "judge outcome", "Ballots by judge: `judged`, or why not."),
        _seconds("moa_ballot_seconds", "judge", "Time of a judge that was asked."),
        _counter("moa_cost_usd", "tenant judge", "Money spent on judges, by the price table."),
        _counter("moa_tokens", "judge kind", "Tokens of judges, `input` and `output`."),
        _counter("moa_answers", "cache", "Answers by where their ballots came from."),
        _counter("moa_answers_unrecorded", "reason", "Answers that name no record, and why."),
        _gauge(
            "moa_effective_votes",
            "panel",
            "mostrecent",
            "Independent copies of its best judge that a panel's last verdict was worth.",
        ),
        _gauge("moa_calibration_age_days", "snapshot", "mostrecent", "Days since a snapshot was fitted."),
        _gauge("moa_drift_alarms", "snapshot", "mostrecent", "Open drift alarms: judges and sources."),
        _counter("moa_endpoint_sends", "endpoint outcome", "Requests to an endpoint: `answered` or why not."),
        _gauge("moa_endpoint_waiting", "endpoint", "livesum", "Requests that wait for an endpoint's limits."),
        _gauge("moa_endpoint_in_flight", "endpoint", "livesum", "Requests that an endpoint works on."),
        _gauge("moa_circuit_open", "endpoint", "livemax", "1 while an endpoint is left alone."),
        _gauge("moa_local_jobs", "", "livesum", "Jobs of local judges that wait for a thread or have one."),
        _counter("moa_quota_refusals", "tenant meter", "Calls and items refused because a quota is used up."),
        _gauge("moa_ledger_down", "", "livemax", "1 while the Redis that counts quotas does not answer."),
        _counter("moa_items_shed", "priority why", "Items turned away, by class and why."),
        _gauge("moa_work_limit", "", "livesum", "Items that may be at work."),
        _gauge("moa_work_items", "", "livesum", "Items at work."),
        _gauge("moa_work_waiting", "priority", "livesum", "Items that wait to be worked on."),
        _counter("moa_events", "event", "Log events that somebody may have to act on."),
    )
)

SPANS: Final = _by_name(
    (
        _span(
            "{method}",
            "rpc.system.name rpc.method rpc.response.status_code error.type moa.request_id",
        ),
        _span(
            "score_item",
            "moa.tenant moa.panel moa.rubric moa.completion moa.decision moa.cache moa.planned moa.answered"
            " moa.record error.type",
        ),
        _span("judge {judge}", "moa.judge moa.outcome moa.calls moa.cost_usd error.type"),
        _span(
            "chat {model}",
            "gen_ai.operation.name gen_ai.provider.name gen_ai.request.model gen_ai.request.max_tokens"
            " gen_ai.request.temperature gen_ai.request.choice.count gen_ai.request.seed gen_ai.output.type"
            " gen_ai.response.model gen_ai.response.finish_reasons gen_ai.usage.input_tokens"
            " gen_ai.usage.output_tokens gen_ai.usage.cache_read.input_tokens server.address server.port"
            " moa.endpoint error.type",
        ),
    )
)
"""Calls by the conventions of OpenTelemetry for RPC, requests to models by those for generative AI."""

TRACE_EVENTS: Final = _by_name(
    (
        _span(
            "gen_ai.evaluation.result",
            "gen_ai.evaluation.name gen_ai.evaluation.score.value gen_ai.evaluation.score.label"
            " gen_ai.evaluation.explanation error.type",
        ),
    )
)
"""Sent as log records under their span; the explanation only where the settings ask for it."""
