"""The real clock behind the domain's port."""

import time


class SystemClock:
    """Monotonic seconds of this machine."""

    def monotonic(self) -> float:
        return time.monotonic()
