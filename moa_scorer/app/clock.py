"""The real clock behind the domain's port."""

import time
from datetime import UTC, date, datetime


class SystemClock:
    """Monotonic seconds of this machine, and its date."""

    def monotonic(self) -> float:
        return time.monotonic()

    def today(self) -> date:
        return datetime.now(UTC).date()
