"""The limit on work at once: falls as Little's law says, rises step by step, never leaves its bounds."""

from hypothesis import example, given
from hypothesis import strategies as st

from moa_scorer.scoring.work_limit import LEAST, START, WorkLimit

looks = st.lists(
    st.tuples(
        st.floats(min_value=0, max_value=10),  # delay
        st.integers(min_value=0, max_value=5_000),  # inside
        st.floats(min_value=0, max_value=1),  # time since the last look
        st.booleans(),  # whether more is wanted
    ),
    max_size=50,
)


@given(most=st.integers(min_value=1, max_value=2_000), looks=looks)
@example(most=1_000, looks=[(1.0, 0, 0.0, False), (1.0, 0, 1.0, False)])  # idle, on a machine that is not
def test_it_never_leaves_its_bounds(most: int, looks: list[tuple[float, int, float, bool]]) -> None:
    limit, now = WorkLimit(most=most, target=0.05), 0.0
    for delay, inside, passed, wanted in looks:
        now += passed
        limit.look(delay, inside, now, wanted=wanted)
        assert min(LEAST, most) <= limit.limit <= most


@given(delay=st.floats(min_value=0.051, max_value=10), inside=st.integers(min_value=0, max_value=2_000))
def test_work_that_waits_too_long_never_raises_it(delay: float, inside: int) -> None:
    limit = WorkLimit(most=1_000, target=0.05)
    limit.look(delay, inside, 0.0, wanted=True)
    assert limit.limit <= START


def test_it_falls_to_what_would_wait_no_longer_than_the_target() -> None:
    limit = WorkLimit(most=1_000, target=0.05)
    limit.look(0.08, 40, 0.0, wanted=True)
    assert limit.limit == 25


def test_a_cut_has_time_to_show_before_the_next_one() -> None:
    limit = WorkLimit(most=1_000, target=0.05)
    limit.look(0.2, 40, 0.0, wanted=True)
    limit.look(0.2, 20, 0.19, wanted=True)
    limit.look(0.2, 40, 5.0, wanted=True)  # nobody has left yet
    limit.look(0.2, 20, 5.1, wanted=True)  # what waits came when more was at work
    assert limit.limit == 20
    limit.look(0.1, 20, 5.21, wanted=True)
    assert limit.limit == 10


def test_a_cut_in_vain_is_taken_back_and_not_tried_again_for_a_while() -> None:
    """Somebody else keeps the processor busy: fewer items change nothing."""
    limit = WorkLimit(most=1_000, target=0.05)
    limit.look(0.1, 40, 0.0, wanted=True)
    limit.look(0.1, 20, 1.0, wanted=True)
    assert limit.limit == 40
    limit.look(0.1, 40, 5.9, wanted=True)
    assert limit.limit == 40
    limit.look(0.1, 40, 6.1, wanted=True)
    assert limit.limit == 20


def test_work_that_waits_for_threads_of_our_own_is_always_helped_by_less() -> None:
    limit = WorkLimit(most=1_000, target=0.05)
    limit.look(0.1, 40, 0.0, wanted=True, ours=True)
    limit.look(0.2, 20, 1.0, wanted=True, ours=True)
    assert limit.limit == 10


def test_it_rises_only_where_more_is_wanted() -> None:
    limit = WorkLimit(most=1_000, target=0.05)
    limit.look(0.1, 20, 0.0, wanted=True)
    limit.look(0.0, 10, 1.0, wanted=False)
    assert limit.limit == 10
    limit.look(0.0, 10, 1.1, wanted=True)
    assert limit.limit == 11


@given(threads=st.integers(min_value=1, max_value=32), seconds=st.floats(min_value=0.001, max_value=0.04))
def test_under_endless_demand_threads_stay_busy_and_waits_settle_near_the_target(
    threads: int, seconds: float
) -> None:
    """A pool of threads: what is inside beyond the threads waits."""
    limit, inside, waits = WorkLimit(most=1_000, target=0.05), 0.0, list[float]()
    for look in range(2_000):
        inside = max(inside - min(inside, threads) * 0.02 / seconds, float(int(limit.limit)), 0.0)
        wait = max(0.0, inside / threads - 1) * seconds
        limit.look(wait, int(inside), look * 0.02, wanted=inside <= limit.limit)
        if look > 500:
            waits.append(wait)
            assert inside >= min(threads, LEAST)
    assert sum(waits) / len(waits) < 2 * 0.05 + seconds * LEAST
