"""Answers remembered in this process: bounded in number, in bytes and in time."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cachetools import TTLCache

from moa_scorer.domain.ballot import Ballot, Judgment
from moa_scorer.domain.record import Record
from moa_scorer.domain.verdict import Scored

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of memory that all answers may take, about."""
BARE: Final = 6_000
"""Bytes of a record without ballots and texts, about; the next are those of one ballot, span, number."""
BALLOT: Final = 1_000
SPAN: Final = 300
NUMBER: Final = 150
CHARACTER: Final = 2


class MemoryCache:
    """The `Cache` of one process: the answer that was used longest ago gives way."""

    def __init__(
        self,
        items: int,
        seconds: float,
        *,
        largest: int = LARGEST,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`items` answers at most, for `seconds` each. No answer counts less than its share of `largest`."""
        least = largest // items

        def size(record: Record) -> int:
            return max(least, bytes_of(record))

        self._answers: TTLCache[str, Record] = TTLCache(largest, seconds, timer, getsizeof=size)

    async def get(self, key: str) -> Record | None:
        """As in the port."""
        return self._answers.get(key)

    async def put(self, key: str, record: Record) -> None:
        """As in the port; an answer that is larger than the whole cache is not remembered."""
        if bytes_of(record) <= self._answers.maxsize:
            self._answers[key] = record

    async def forget(self, names: Sequence[str]) -> int:
        """As in the port: looks at every answer, for erasures are rare."""
        gone = set(names)
        known = [(key, self._answers.get(key)) for key in list(self._answers)]
        found = [key for key, record in known if record is not None and record.name in gone]
        for key in found:
            self._answers.pop(key, None)
        return len(found)

    async def aclose(self) -> None:
        """As in the port."""
        self._answers.clear()


def bytes_of(record: Record) -> int:
    """What a record takes in memory, within a factor of two or so."""
    ballots = record.verdict.ballots
    texts = sum(len(text) for text in _texts(record))
    spans = sum(len(b.outcome.evidence) for b in ballots if isinstance(b.outcome, Judgment))
    return BARE + BALLOT * len(ballots) + SPAN * spans + NUMBER * _numbers(record) + CHARACTER * texts


def _texts(record: Record) -> Iterator[str]:
    content = record.request.content
    yield from (content.text, content.title, content.context)
    for ballot in record.verdict.ballots:
        yield from _words(ballot)


def _words(ballot: Ballot) -> Iterator[str]:
    yield from ballot.raw
    if isinstance(ballot.outcome, Judgment):
        yield ballot.outcome.critique
        for span in ballot.outcome.evidence:
            yield from (span.quote, span.note)


def _numbers(record: Record) -> int:
    outcome = record.verdict.outcome
    if not isinstance(outcome, Scored):
        return len(record.facts.measures)
    return len(record.facts.measures) + len(outcome.criteria) + len(outcome.overall.contributions)
