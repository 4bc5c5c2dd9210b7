"""Extra sends stay a share of first sends."""

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers.allowance import SAVED_AT_MOST, Allowance


@given(st.lists(st.booleans(), max_size=2000), st.sampled_from([0.0, 0.05, 0.1]), st.integers(0, 10))
def test_extra_sends_never_pass_the_share_or_the_head_start(
    earns: list[bool], share: float, head_start: int
) -> None:
    allowance = Allowance(share, head_start)
    first = extra = 0
    for earn in earns:
        if earn:
            first += 1
            allowance.earn()
        else:
            extra += allowance.spend()
        assert extra <= max(share * first + 1e-6, head_start if share > 0 else 0)


def test_a_small_run_has_its_head_start() -> None:
    allowance = Allowance(0.1, 10)
    assert [allowance.spend() for _ in range(11)] == [True] * 10 + [False]


def test_the_head_start_is_paid_back() -> None:
    allowance = Allowance(0.1, 10)
    for _ in range(10):
        allowance.spend()
    for _ in range(100):
        allowance.earn()
    assert not allowance.spend()
    for _ in range(11):
        allowance.earn()
    assert allowance.spend()


def test_quiet_times_save_up_so_much_and_no_more() -> None:
    allowance = Allowance(0.1)
    for _ in range(100_000):
        allowance.earn()
    spent = sum(allowance.spend() for _ in range(1000))
    assert spent == SAVED_AT_MOST


def test_a_share_of_zero_allows_nothing() -> None:
    assert not Allowance(0, 10).spend()
