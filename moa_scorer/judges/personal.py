"""What is personal by the rules of DataFog: patterns, no model, no network; the extra `redaction` has it."""

import os
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import version
from typing import Final

from moa_scorer.judges.redaction import Personal


class PersonalKind(StrEnum):
    """What can be found. Names of people and places cannot: they take a model."""

    EMAIL = "email"
    PHONE = "phone"
    CREDIT_CARD = "credit_card"
    SSN = "ssn"
    """Social security numbers of the United States."""
    IP_ADDRESS = "ip_address"
    DATE = "date"
    """Every date, not only of birth."""
    ZIP_CODE = "zip_code"


USUAL: Final = (
    PersonalKind.EMAIL,
    PersonalKind.PHONE,
    PersonalKind.CREDIT_CARD,
    PersonalKind.SSN,
    PersonalKind.IP_ADDRESS,
)
"""Kinds that are seldom mistaken for something else."""
REMEMBERED: Final = 64
"""Texts whose finds are kept, since the judges of a panel ask about the same one."""
WINDOW: Final = 1_024
"""Code points that are searched in one go. The library's patterns take a time that grows with the square of a
run of signs, and nothing else runs meanwhile: half a minute for 64 KiB of `#`."""
OVERLAP: Final = 256
"""Code points that a window shares with the next: longer than anything personal."""


class PatternFinder:
    """A `Finder` of these kinds."""

    def __init__(self, kinds: Sequence[PersonalKind]) -> None:
        """Raises ImportError where DataFog is not installed."""
        os.environ["DATAFOG_NO_TELEMETRY"] = "1"  # the library can tell its makers of its use; not from here
        from datafog.engine import scan

        names = [kind.upper() for kind in kinds]

        def found(text: str) -> tuple[Personal, ...]:
            return tuple(
                Personal(kind=each.type, start=at + each.start, end=at + each.end)
                for at, part in windows(text)
                for each in scan(part, engine="regex", entity_types=names).entities
            )

        self._found = lru_cache(maxsize=REMEMBERED)(found)
        self.revision = f"datafog-{version('datafog')}/{','.join(sorted(kinds))}/{WINDOW}"

    def find(self, text: str) -> Iterable[Personal]:
        """As in `Finder`."""
        return self._found(text)


def windows(text: str) -> Iterator[tuple[int, str]]:
    """Parts of a text that overlap, each with the place where it begins."""
    for at in range(0, max(1, len(text) - OVERLAP), WINDOW - OVERLAP):
        yield at, text[at : at + WINDOW]
