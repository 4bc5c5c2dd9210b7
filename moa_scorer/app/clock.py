"""The real clock behind the domain's port."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Monotonic seconds of this machine, and its date."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)
