"""What operators see of a server's load: how much it takes on, how much waits, and what it turns away."""

from collections.abc import Mapping
from typing import Final

import structlog

from moa_scorer.telemetry import metrics
from moa_scorer.telemetry.families import counter, gauge

SHED: Final = counter("moa_items_shed")
LIMIT: Final = gauge("moa_work_limit")
AT_WORK: Final = gauge("moa_work_items")
WAITING: Final = gauge("moa_work_waiting")

_log = structlog.stdlib.get_logger()


def item_shed(priority: str, why: str) -> None:
    """An item was turned away: `queue_full`, `waited` too long, `hopeless` to wait, or `displaced`."""
    SHED.labels(priority, why).inc()


def standing(*, limit: int, at_work: int, waiting: Mapping[str, int]) -> None:
    """How things stand in this process; `waiting` by class."""
    LIMIT.set(limit)
    AT_WORK.set(at_work)
    for priority, items in waiting.items():
        WAITING.labels(priority).set(items)


def load_shed(*, items: int, limit: int, at_work: int, waiting: int) -> None:
    """So many items were turned away in the last seconds: the server has more to do than it can in time."""
    metrics.happened("load_shed")
    _log.warning("load_shed", items=items, limit=limit, at_work=at_work, waiting=waiting)
