"""The fuzzing of frames in short: what holds on any machine. Memory is left to `make fuzz-frames`."""

from tests.fuzz.attacks import ATTACKS
from tests.fuzz.run import faults, fuzz, report

SECONDS = 15


def test_a_server_under_malformed_frames_answers_a_good_client_and_keeps_nothing_open() -> None:
    seen = fuzz(SECONDS, seed=3)
    assert faults(seen, most_growth=0.5) == [], report(seen)
    assert len(seen.attacks) > len(set(ATTACKS)) / 2
