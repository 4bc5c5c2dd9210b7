"""A declared metric as a family of Prometheus.

Several worker processes share their values through files when `PROMETHEUS_MULTIPROC_DIR` names a folder
before this module is imported.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final, TypeVar

from prometheus_client import Counter, Gauge, Histogram

from moa_scorer.telemetry import signals

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 20, 30, 60)
"""Upper bounds of the buckets of durations."""


Family = TypeVar("Family", Counter, Histogram, Gauge)


def counter(name: str, known: Iterable[str] = ()) -> Counter:
    """Counts up; KeyError for what is not declared, as for the others.

    Of a counter with one label, values that are `known` are told from the start, as 0: Prometheus sees no
    increase where a series begins with its first count.
    """
    declared = signals.METRICS[name]
    made = _quick(Counter(name, declared.help, declared.labels))
    for value in known:
        made.labels(value)
    return made


def histogram(name: str) -> Histogram:
    """Durations in seconds."""
    declared = signals.METRICS[name]
    return _quick(Histogram(name, declared.help, declared.labels, buckets=SECONDS))


def gauge(name: str) -> Gauge:
    """Goes up and down; over several processes as declared."""
    declared = signals.METRICS[name]
    across: Any = declared.across
    return _quick(Gauge(name, declared.help, declared.labels, multiprocess_mode=across))


def _quick(family: Family) -> Family:
    """A family that checks label values once: it keeps every series for ever in any case."""
    family.labels = cache(family.labels)  # type: ignore[method-assign]
    return family
