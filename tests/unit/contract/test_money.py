"""Money that a request costs is the sum of what its judges took."""

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.contract.money import cost_message, total_usage
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
from moa_scorer.domain.money import NOTHING_USED, Usage

ABSTENTION = Abstention(reason=AbstentionReason.TIMEOUT)


@given(costs=st.lists(st.integers(0, 10**9)))
def test_a_judge_that_abstained_costs_what_it_took(costs: list[int]) -> None:
    ballots = [Ballot(judge="j", outcome=ABSTENTION, usage=Usage(calls=1, micro_usd=c)) for c in costs]

    assert total_usage(ballots).micro_usd == sum(costs)
    assert total_usage(ballots).calls == len(costs)


def test_no_ballots_cost_nothing_and_say_so() -> None:
    assert total_usage(()) == NOTHING_USED
    assert cost_message(0).HasField("micro_usd")
