"""Usage and money as messages, and a ceiling back."""

from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import Final

from moa_scorer.api.v1 import ballot_pb2, cost_pb2
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.money import NOTHING_USED, Usage

LARGEST_COUNT: Final = 2**32 - 1
LARGEST_COST: Final = 2**63 - 1


def cost_message(micro_usd: int) -> cost_pb2.Cost:
    """An amount of money, given in millionths of a US dollar."""
    return cost_pb2.Cost(micro_usd=_within(micro_usd, LARGEST_COST))


def usage_message(usage: Usage) -> ballot_pb2.Usage:
    """What asking a judge took."""
    return ballot_pb2.Usage(
        calls=_within(usage.calls, LARGEST_COUNT),
        input_tokens=_within(usage.input_tokens, LARGEST_COUNT),
        cached_tokens=_within(usage.cached_tokens, LARGEST_COUNT),
        output_tokens=_within(usage.output_tokens, LARGEST_COUNT),
        cost=cost_message(usage.micro_usd),
    )


def total_usage(ballots: Iterable[Ballot]) -> Usage:
    """What asking all judges took, those that abstained included."""
    return reduce(add, (ballot.usage for ballot in ballots), NOTHING_USED)


def _within(value: int, largest: int) -> int:
    """Token counts are what endpoints claim, and no claim may keep an answer from being sent."""
    return min(max(value, 0), largest)
