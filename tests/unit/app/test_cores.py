"""Cores in a container: a quota counts where it is smaller than the machine."""

from pathlib import Path

import pytest

from moa_scorer.app.cores import cores


@pytest.mark.parametrize(
    ("said", "left"), [("50000 100000\n", 1), ("100000 100000\n", 1), ("max 100000\n", None), ("odd", None)]
)
def test_a_quota_leaves_whole_cores_and_no_quota_leaves_the_machine(
    tmp_path: Path, said: str, left: int | None
) -> None:
    file = tmp_path / "cpu.max"
    all_of_them = cores(file)
    file.write_text(said)
    assert cores(file) == (left or all_of_them)


def test_a_quota_above_the_machine_gives_no_more_than_it_has(tmp_path: Path) -> None:
    file = tmp_path / "cpu.max"
    machine = cores(file)
    file.write_text(f"{(machine + 5) * 100_000} 100000")
    assert cores(file) == machine
