"""Money: nothing is reserved beyond the ceiling, everything reserved is booked once."""

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.money import NOTHING_USED, Usage
from moa_scorer.scoring.purse import LONGEST_RAW, JudgeTab, Purse


def test_judges_of_one_request_share_one_ceiling() -> None:
    purse = Purse(ceiling=10)
    first, second = JudgeTab(purse), JudgeTab(purse)
    assert first.reserve(7)
    assert not second.reserve(4)
    first.settle(7, Usage(calls=1, micro_usd=2))
    assert second.reserve(8)
    assert (purse.spent, purse.reserved) == (2, 8)


def test_without_a_ceiling_everything_is_within_it() -> None:
    assert JudgeTab(Purse()).reserve(10**12)


def test_a_call_that_was_never_settled_counts_as_spent() -> None:
    purse = Purse(ceiling=10)
    tab = JudgeTab(purse)
    assert tab.reserve(6)
    tab.close()
    tab.close()
    assert (tab.usage, purse.spent, purse.reserved) == (Usage(micro_usd=6), 6, 0)


def test_a_refused_reservation_leaves_nothing_open() -> None:
    tab = JudgeTab(Purse(ceiling=1))
    assert not tab.reserve(2)
    tab.close()
    assert tab.usage == NOTHING_USED


def test_the_last_model_is_noted_a_stand_in_always_and_replies_are_cut() -> None:
    tab = JudgeTab(Purse())
    tab.answered_by(model="m-1", stand_in="spare")
    tab.answered_by(model="m-2")
    tab.heard("x" * (LONGEST_RAW + 1))
    assert (tab.model, tab.stand_in, len(tab.raw[0])) == ("m-2", "spare", LONGEST_RAW)


@given(
    st.integers(0, 100),
    st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1), st.booleans()), max_size=12),
)
def test_whatever_happens_the_ceiling_holds_and_the_books_balance(
    ceiling: int, calls: list[tuple[int, float, bool]]
) -> None:
    purse = Purse(ceiling=ceiling)
    tabs = []
    for reserved, share, settles in calls:
        tab = JudgeTab(purse)
        tabs.append(tab)
        if tab.reserve(reserved) and settles:
            tab.settle(reserved, Usage(micro_usd=int(reserved * share)))
        assert purse.spent + purse.reserved <= ceiling
    for tab in tabs:
        tab.close()
    assert purse.reserved == 0
    assert purse.spent == sum(tab.usage.micro_usd for tab in tabs) <= ceiling
