"""How many processor cores this process may use: what the scheduler allows, and what a quota leaves of it."""

import os
from math import ceil
from pathlib import Path
from typing import Final

QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")
"""Microseconds of CPU time in each period of so many, or `max` (cgroup v2)."""


def cores(quota: Path = QUOTA) -> int:
    """At least 1; a share of a core counts as one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _left_by(quota) or allowed))


def _left_by(quota: Path) -> int | None:
    """Cores that the quota leaves; None = there is none, or it cannot be read."""
    try:
        limit, period = quota.read_text(encoding="ascii").split()
        return None if limit == "max" else ceil(int(limit) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
