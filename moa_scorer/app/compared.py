"""What a comparison of stored decisions comes to, for people and for machines."""

from dataclasses import dataclass

from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.scoring.what_if_tally import WhatIf


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two ways to decide, and where they differ."""

    old: str
    """What the one is called, for people; the same for the next."""
    new: str
    found: WhatIf
    damaged: tuple[DamagedRecord, ...] = ()
    """Records that could not be read; `found` counts them among the untold."""
