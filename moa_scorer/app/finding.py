"""One thing that `moa-scorer doctor` looked at."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, in words."""

    topic: str
    state: Literal["ok", "note", "bad"]
    words: str
    remedy: str = ""
    """What to do, when not ok."""
