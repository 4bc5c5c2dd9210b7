"""300 records of the embedded panels, made by the pipeline and replayed from the database to the bit.

`make replay-check` does the same with 100,000, in other processes than those that made them.
"""

from pathlib import Path

import pytest

from moa_scorer.storage.parts import PARTS
from tests.replay import recorded_panel
from tests.replay.checking import Checker
from tests.replay.making import make, prepare, slices
from tests.replay.run import flipped

RECORDS = 300


async def test_records_replay_to_the_bit_and_flipped_bits_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded_panel, "MASKS", 2)
    path = tmp_path / "records.db"
    url, [whole] = f"sqlite:///{path}", slices(RECORDS, RECORDS)
    await prepare(url)
    assert await make(url, whole) == RECORDS
    assert await make(url, whole) == 0, "a slice that is whole is made once"
    checker = Checker(url)
    found = await checker.check(whole)
    assert (found.differences, found.damaged, found.missing) == ([], [], [])
    assert found.same == RECORDS
    for kind in ("complete", "partial", "decided", "unscored"):
        assert found.seen[f"completion {kind}"] > 0
    for kind in ("valid", "uncalibrated", "out_of_domain", "out_of_support"):
        assert found.seen[f"certificate {kind}"] > 0
    with flipped(path, seed=1) as flips:
        damaged = (await checker.check(whole)).damaged
    assert sorted(damaged) == sorted(flips)
    assert len(flips) == len(PARTS)
