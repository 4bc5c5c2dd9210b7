"""The metrics of `signals` in the form of Prometheus, and the moments that move them.

No label ever holds content, a request id or a caller's free text.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Final

from moa_scorer.domain.ballot import Abstention, Ballot
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.verdict import Scored, Unscored
from moa_scorer.telemetry.families import counter, gauge, histogram

MOST_TENANTS: Final = 200
"""Tenants with a label of their own; those that come later are counted as `other`."""
ONE_IS_ENOUGH: Final = ("quota_unsettled",)
"""Events of which an alert must see the very first."""


CALLS: Final = counter("moa_calls")
CALL_SECONDS: Final = histogram("moa_call_seconds")
CALLS_IN_FLIGHT: Final = gauge("moa_calls_in_flight")
ITEMS: Final = counter("moa_items")
UNSCORED: Final = counter("moa_items_unscored")
CERTIFICATES: Final = counter("moa_certificates")
ITEM_SECONDS: Final = histogram("moa_item_seconds")
BALLOTS: Final = counter("moa_ballots")
BALLOT_SECONDS: Final = histogram("moa_ballot_seconds")
COST: Final = counter("moa_cost_usd")
TOKENS: Final = counter("moa_tokens")
CACHE: Final = counter("moa_answers")
UNRECORDED: Final = counter("moa_answers_unrecorded")
EFFECTIVE_VOTES: Final = gauge("moa_effective_votes")
CALIBRATION_AGE: Final = gauge("moa_calibration_age_days")
ALARMS: Final = gauge("moa_drift_alarms")
SENDS: Final = counter("moa_endpoint_sends")
WAITING: Final = gauge("moa_endpoint_waiting")
SENT: Final = gauge("moa_endpoint_in_flight")
CIRCUITS: Final = gauge("moa_circuit_open")
LOCAL_JOBS: Final = gauge("moa_local_jobs")
QUOTA_REFUSALS: Final = counter("moa_quota_refusals")
LEDGER_DOWN: Final = gauge("moa_ledger_down")
EVENTS: Final = counter("moa_events", known=ONE_IS_ENOUGH)

_tenants: set[str] = set()


def call_ended(method: str, code: str, seconds: float) -> None:
    """A call is over."""
    CALLS.labels(method, code).inc()
    CALL_SECONDS.labels(method).observe(seconds)


def call_in_flight() -> AbstractContextManager[None]:
    """A call is being worked on while the block runs."""
    return CALLS_IN_FLIGHT.track_inprogress()


def item_concluded(record: Record, seconds: float | None = None, asked_before: Collection[str] = ()) -> None:
    """An item got its verdict, after so many seconds; None = the record's own.

    What a cache hit repeats is counted as an item, and no judge is; nor are judges that were asked before.
    """
    panel, verdict = record.plan.panel.name, record.verdict
    ITEMS.labels(panel, verdict.completion, record.ruling.decision).inc()
    ITEM_SECONDS.labels(panel).observe(record.elapsed if seconds is None else seconds)
    CACHE.labels(record.cache).inc()
    if isinstance(verdict.outcome, Unscored):
        UNSCORED.labels(panel, verdict.outcome.reason).inc()
    if isinstance(verdict.outcome, Scored):
        CERTIFICATES.labels(panel, verdict.outcome.certificate.status).inc()
        if (votes := verdict.outcome.effective_votes) is not None:
            EFFECTIVE_VOTES.labels(panel).set(votes)
    if record.cache in (CacheUse.MISS, CacheUse.BYPASSED):
        asked = (ballot for ballot in verdict.ballots if ballot.judge not in asked_before)
        _judges_asked(_tenant(record.request.tenant), asked)


def answer_unrecorded(reason: str) -> None:
    """An answer left without the name of a record."""
    UNRECORDED.labels(reason).inc()


def snapshots_in_force(ages: Mapping[str, float], alarms: Mapping[str, int]) -> None:
    """Snapshot's name -> its age in days, and how many alarms are open on it."""
    for name, days in ages.items():
        CALIBRATION_AGE.labels(name).set(days)
        ALARMS.labels(name).set(alarms.get(name, 0))


def circuit(endpoint: str, *, is_open: bool) -> None:
    """An endpoint is left alone, or asked again."""
    CIRCUITS.labels(endpoint).set(int(is_open))


def endpoint_sent(endpoint: str, outcome: str) -> None:
    """A request went to an endpoint and was `answered`, or came to nothing."""
    SENDS.labels(endpoint, outcome).inc()


def endpoint_busy(endpoint: str, *, waiting: int, in_flight: int) -> None:
    """How many requests wait for an endpoint's limits, and how many it works on."""
    WAITING.labels(endpoint).set(waiting)
    SENT.labels(endpoint).set(in_flight)


def local_jobs(count: int) -> None:
    """How many jobs of local judges wait for a thread or have one."""
    LOCAL_JOBS.set(count)


def quota_refused(tenant: str, meter: str) -> None:
    """A tenant has used up what it may use of this meter."""
    QUOTA_REFUSALS.labels(_tenant(tenant), meter).inc()


def ledger(*, is_down: bool) -> None:
    """The Redis that counts quotas does not answer, or does again."""
    LEDGER_DOWN.set(int(is_down))


def happened(event: str) -> None:
    """Something was logged that alerts look for."""
    EVENTS.labels(event).inc()


def _judges_asked(tenant: str, ballots: Iterable[Ballot]) -> None:
    for ballot in ballots:
        outcome, usage = ballot.outcome, ballot.usage
        abstained = isinstance(outcome, Abstention)
        BALLOTS.labels(ballot.judge, outcome.reason if isinstance(outcome, Abstention) else "judged").inc()
        if ballot.latency or not abstained:
            BALLOT_SECONDS.labels(ballot.judge).observe(ballot.latency)
        if usage.micro_usd:
            COST.labels(tenant, ballot.judge).inc(usage.micro_usd / 1e6)
        if usage.input_tokens or usage.output_tokens:
            TOKENS.labels(ballot.judge, "input").inc(usage.input_tokens)
            TOKENS.labels(ballot.judge, "output").inc(usage.output_tokens)


def _tenant(name: str) -> str:
    """The tenant's label: callers choose names in tokens, and labels are for ever."""
    if name not in _tenants and len(_tenants) >= MOST_TENANTS:
        return "other"
    _tenants.add(name)
    return name
