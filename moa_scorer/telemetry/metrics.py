"""Every metric there is, in the form of Prometheus: names, units and labels, and the moments that move them.

Several worker processes share their values through files when `PROMETHEUS_MULTIPROC_DIR` names a folder
before this module is imported. No label ever holds content, a request id or a caller's free text.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from moa_scorer.domain.ballot import Abstention, Ballot
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.verdict import Scored, Unscored

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Upper bounds of the buckets of durations."""
MOST_TENANTS: Final = 200
"""Tenants with a label of their own; those that come later are counted as `other`."""

CALLS: Final = Counter("moa_calls", "Calls that ended, by gRPC method and status.", ["method", "code"])
CALL_SECONDS: Final = Histogram("moa_call_seconds", "Time of a call.", ["method"], buckets=SECONDS)
ITEMS: Final = Counter("moa_items", "Items that got a verdict.", ["panel", "completion", "decision"])
UNSCORED: Final = Counter("moa_items_unscored", "Items without a score, and why.", ["panel", "reason"])
CERTIFICATES: Final = Counter("moa_certificates", "Scores by what they may be read as.", ["panel", "status"])
ITEM_SECONDS: Final = Histogram(
    "moa_item_seconds", "Time from the plan to the verdict.", ["panel"], buckets=SECONDS
)
BALLOTS: Final = Counter("moa_ballots", "Ballots by judge: `judged`, or why not.", ["judge", "outcome"])
BALLOT_SECONDS: Final = Histogram(
    "moa_ballot_seconds", "Time of a judge that was asked.", ["judge"], buckets=SECONDS
)
COST: Final = Counter("moa_cost_usd", "Money spent on judges, by the price table.", ["tenant", "judge"])
TOKENS: Final = Counter("moa_tokens", "Tokens of judges.", ["judge", "kind"])
CACHE: Final = Counter("moa_answers", "Answers by where their ballots came from.", ["cache"])
UNRECORDED: Final = Counter("moa_answers_unrecorded", "Answers that name no record, and why.", ["reason"])
EFFECTIVE_VOTES: Final = Gauge(
    "moa_effective_votes",
    "Independent copies of its best judge that a panel's last verdict was worth.",
    ["panel"],
    multiprocess_mode="mostrecent",
)
CALIBRATION_AGE: Final = Gauge(
    "moa_calibration_age_days",
    "Days since a snapshot was fitted.",
    ["snapshot"],
    multiprocess_mode="mostrecent",
)
ALARMS: Final = Gauge(
    "moa_drift_alarms", "Open drift alarms of a snapshot.", ["snapshot"], multiprocess_mode="mostrecent"
)
CIRCUITS: Final = Gauge(
    "moa_circuit_open", "1 while an endpoint is left alone.", ["endpoint"], multiprocess_mode="max"
)
EVENTS: Final = Counter("moa_events", "Log events that somebody may have to act on.", ["event"])

_tenants: set[str] = set()


def call_ended(method: str, code: str, seconds: float) -> None:
    """A call is over."""
    CALLS.labels(method, code).inc()
    CALL_SECONDS.labels(method).observe(seconds)


def item_concluded(record: Record, seconds: float | None = None) -> None:
    """An item got its verdict, after so many seconds; None = the record's own.

    What a cache hit repeats is counted as an item, and no judge is.
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
        _judges_asked(_tenant(record.request.tenant), verdict.ballots)


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
