"""A server that is offered more than it can do, in short. Rates are left to `make overload`."""

from tests.overload.callers import Crowd, calls
from tests.overload.figures import WARM_UP, Phase, faults, phase
from tests.overload.server import JUDGE_SECONDS, THREADS, running

SECONDS = WARM_UP + 2
MOST = THREADS / JUDGE_SECONDS / 5
"""Items a second of a panel of five."""


def test_the_rest_is_turned_away_with_words_and_interactive_callers_go_first() -> None:
    with running(narrowed=True) as server:
        seen = phase("3 x", calls(Crowd(port=server.port, seconds=SECONDS, rate=3 * MOST)), SECONDS)
    assert seen.turned_away > 0
    assert seen.goodput > 0
    assert seen.interactive_served >= seen.batch_served
    assert set(seen.other) <= {"DEADLINE_EXCEEDED"}


def a_phase(**figures: float) -> Phase:
    usual = {"offered": 100.0, "goodput": 100.0, "p50": 0.1, "p99": 0.2, "interactive_p99": 0.2}
    usual |= {"interactive_served": 1.0, "batch_served": 1.0, "turned_away": 0.0}
    return Phase(name="x", other={}, **(usual | figures))  # type: ignore[arg-type]


def test_the_check_finds_a_collapse_slow_answers_and_a_wrong_order() -> None:
    peak = a_phase()
    assert faults(peak, [a_phase(goodput=91.0)], 0.5) == []
    assert "under 90 %" in faults(peak, [a_phase(goodput=89.0)], 0.5)[0]
    assert "over 0.5 s" in faults(peak, [a_phase(interactive_p99=0.6)], 0.5)[0]
    assert "before interactive" in faults(peak, [a_phase(interactive_served=0.5)], 0.5)[0]
