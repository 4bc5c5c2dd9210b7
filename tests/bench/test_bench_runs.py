"""The benchmarks still run; what they measure is not judged here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.capacity import LOADS, SHORTEST, texts
from tests.bench.report import markdown


def test_the_rpc_benchmark_prints_a_row_with_both_ratios() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench.bench_rpc", "--rounds", "1", "--seconds", "0.2"),
            *("--kinds", "comment", "--views", "FULL"),
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=100,
    )
    row = [cell.strip() for cell in done.stdout.strip().splitlines()[-1].strip("|").split("|")]

    assert done.returncode == 0, done.stderr
    assert row[:2] == ["comment, 40 words, criteria: 1", "FULL"]
    assert sum("0.25" in cell for cell in row) == 2


@pytest.mark.parametrize("load", LOADS, ids=lambda load: f"{load.panel}-{load.kind}")
def test_the_capacity_sheet_takes_real_texts_that_judges_can_judge(load) -> None:
    items = texts(load)

    assert len(items) == load.items
    assert {item.kind for item in items} == {load.kind}
    assert min(len(item.text.split()) for item in items) >= SHORTEST


def test_a_table_refuses_a_row_that_does_not_fit() -> None:
    assert markdown(("a", "b"), [("1", "2")]).splitlines()[-1] == "| 1 | 2 |"
    with pytest.raises(ValueError, match="1 cells under 2 headings"):
        markdown(("a", "b"), [("1",)])
