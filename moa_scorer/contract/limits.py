"""How large a request may be."""

from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 1024 * 1024
"""Of a message that carries no texts."""
MOST_FIELDS: Final = 5_000
"""Of a message itself, not of those in it: each entry of a list is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Beyond any of these a request is INVALID_ARGUMENT; the comments of the protos state the defaults."""

    text_bytes: int = 64 * 1024
    """Longest text, in bytes of UTF-8."""
    context_bytes: int = 64 * 1024
    """Longest context, in bytes of UTF-8."""
    title_bytes: int = 2 * 1024
    """Longest title, in bytes of UTF-8."""
    batch_items: int = 100
    """Most items in a batch."""
    pipeline_items: int = 256
    """Most items of one pipeline in flight."""
    pipeline_seconds: float = 300.0
    """Age of a pipeline's call from which nothing more is read of it: its caller opens another."""
    batch_bytes: int = 4 * 1024 * 1024
    """Largest batch, in bytes of the encoded message."""
    latency_budget_seconds: float = 600.0
    """Longest latency budget."""
    default_budget_seconds: float = 30.0
    """Allowed to a call that states neither a deadline nor a latency budget."""


LIMITS: Final = Limits()
