"""How log lines look, in a process of many tests."""

from collections.abc import Mapping
from typing import Any

import structlog

from moa_scorer.telemetry import events, load


def look_as(config: Mapping[str, Any]) -> None:
    """From now on as structlog was configured then, whatever was promised to be `for_good` meanwhile."""
    structlog.configure(**config)
    for module in (events, load):
        vars(module._log).pop("bind", None)
