"""How log lines look."""

import logging
import sys
from typing import Final, Literal

import structlog

from moa_scorer.telemetry.context import with_scope

LIBRARIES: Final = logging.WARNING
"""From this level on what libraries log is told of."""

LogFormat = Literal["auto", "json", "console"]


def configure(
    format: LogFormat = "auto",  # noqa: A002 - the setting's name
    level: str = "info",
    *,
    for_good: bool = False,
) -> None:
    """Sends structlog to standard error: JSON lines, or aligned columns where a person looks.

    `auto` is the console on a terminal and JSON elsewhere; `level` is debug, info, warning or error.
    `for_good` promises that nobody configures this process again: a line then takes half the time.
    """
    console = format == "console" or (format == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            with_scope,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=for_good,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, Libraries) for handler in root.handlers):
        root.addHandler(Libraries(LIBRARIES))


class Libraries(logging.Handler):
    """Turns what libraries log into events without their words: asyncio, for one, repeats the text of every
    exception that nobody has looked at, which may hold content."""

    def emit(self, record: logging.LogRecord) -> None:
        """Called by whichever thread logs."""
        from moa_scorer.telemetry import events

        error = record.exc_info[0] if record.exc_info else None
        events.library_warned(
            library=record.name,
            severity=record.levelname.lower(),
            place=f"{record.funcName}, line {record.lineno}",
            error=error.__name__ if error else "",
        )
