"""When an endpoint is left alone, and when it is tried again."""

from moa_scorer.providers.breaker import Breaker, Circuit, Pass


def broken(failures: int = 3) -> Breaker:
    """Opened at second 0, pausing for 10."""
    breaker = Breaker(failures=failures, pause=10)
    for _ in range(failures):
        breaker.report(Pass.REGULAR, False, 0, 0)
    return breaker


def test_failures_in_a_row_open_the_circuit() -> None:
    assert broken().circuit(0) is Circuit.OPEN
    assert broken().admit(9.9) is None


def test_a_success_between_failures_starts_the_row_again() -> None:
    breaker = Breaker(failures=3, pause=10)
    for healthy in (False, False, True, False, False):
        breaker.report(Pass.REGULAR, healthy, 0, 0)
    assert breaker.circuit(0) is Circuit.CLOSED


def test_after_the_pause_one_probe_passes_at_a_time() -> None:
    breaker = broken()
    assert breaker.admit(10) is Pass.PROBE
    assert breaker.admit(10) is None


def test_a_good_probe_closes_the_circuit() -> None:
    breaker = broken()
    assert breaker.admit(10) is Pass.PROBE
    breaker.report(Pass.PROBE, True, 11, 11)
    assert breaker.admit(11) is Pass.REGULAR


def test_a_bad_probe_opens_the_circuit_for_another_pause() -> None:
    breaker = broken()
    assert breaker.admit(10) is Pass.PROBE
    breaker.report(Pass.PROBE, False, 12, 12)
    assert breaker.circuit(21.9) is Circuit.OPEN
    assert breaker.circuit(22) is Circuit.HALF_OPEN


def test_a_probe_of_which_nothing_was_learnt_makes_room_for_the_next() -> None:
    breaker = broken()
    assert breaker.admit(10) is Pass.PROBE
    breaker.report(Pass.PROBE, None, 11, 11)
    assert breaker.admit(11) is Pass.PROBE


def test_what_was_sent_before_the_circuit_opened_does_not_close_it() -> None:
    breaker = broken()
    breaker.report(Pass.REGULAR, True, 1, 1)
    assert breaker.circuit(1) is Circuit.OPEN


def test_with_no_failures_allowed_for_it_never_opens() -> None:
    breaker = Breaker(failures=0, pause=10)
    for _ in range(1000):
        breaker.report(Pass.REGULAR, False, 0, 0)
    assert breaker.circuit(0) is Circuit.CLOSED


def test_requests_that_fail_late_do_not_speak_against_successes_since() -> None:
    breaker = Breaker(failures=3, pause=10)
    breaker.report(Pass.REGULAR, True, 4, 5)
    for _ in range(10):
        breaker.report(Pass.REGULAR, False, 0, 30)
    assert breaker.circuit(30) is Circuit.CLOSED
    for _ in range(3):
        breaker.report(Pass.REGULAR, False, 5, 30)
    assert breaker.circuit(30) is Circuit.OPEN
