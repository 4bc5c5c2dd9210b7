"""The benchmarks still run; what they measure is not judged here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.bench_tail import Waited, verdict
from tests.bench.capacity import LOADS, SHORTEST, texts
from tests.bench.report import markdown
from tests.bench.sizing import HTTP, items_of


def ran(name: str, *options: str) -> str:
    """What a benchmark prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", *options],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def cells(printed: str) -> list[str]:
    """Of the last line."""
    return [cell.strip() for cell in printed.strip().splitlines()[-1].strip("|").split("|")]


def last_row(name: str, *options: str) -> list[str]:
    """The cells of the last line that a benchmark prints."""
    return cells(ran(name, *options))


def test_the_rpc_benchmark_prints_a_row_with_both_ratios() -> None:
    said = ("--rounds", "1", "--seconds", "0.2", "--kinds", "comment", "--views", "FULL")
    row = last_row("bench_rpc", *said)

    assert row[:2] == ["comment, 40 words, criteria: 1", "FULL"]
    assert sum(cell.endswith(" 0.25)") for cell in row) == 2


def test_the_benchmark_of_answers_given_again_prints_a_row_and_one_payer_of_a_stampede() -> None:
    said = ("--rounds", "1", "--seconds", "0.2", "--kinds", "comment", "--views", "SCORE")
    done = ran("bench_cache", *said, "--stampede", "40")

    row = cells(done)
    assert row[:2] == ["comment, 40 words, criteria: 1", "SCORE"]
    assert sum(cell.endswith(" 0.60)") for cell in row) == 2
    [stampede] = [line for line in done.splitlines() if line.startswith("Stampede of 40 calls")]
    assert " 1 MISS" in stampede


def test_the_benchmark_of_fusion_prints_a_row_for_every_way_and_holds_its_goal_against_one() -> None:
    row = last_row("bench_fusion", "--rounds", "1", "--rated", "120", "--judges", "3")

    assert row[:2] == ["7 × 4, measures", "fusion"]
    assert row[-1].endswith(" 0.3)")


def test_the_benchmark_of_judges_behind_http_prints_a_row_with_both_ratios() -> None:
    said = ("--rounds", "1", "--seconds", "0.3", "--judges", "3", "--delays", "5", "--at-once", "4")
    row = last_row("bench_throughput", *said)

    assert row[:2] == ["3", "5"]
    assert sum(cell.endswith(" 0.75)") for cell in row) == 2


@pytest.mark.parametrize(
    ("slowest", "extra", "within", "met"),
    [(1.0, 0.04, True, True), (3.0, 0.04, True, False), (1.0, 0.2, False, False)],
)
def test_the_tail_benchmark_asks_for_five_times_less_at_few_extra_calls(
    slowest: float, extra: float, within: bool, met: bool
) -> None:
    plain = Waited(seconds=[0.1] * 98 + [10.0, 10.0], extra=0.0, within=True, scored=100)
    overtaking = Waited(seconds=[0.1] * 98 + [slowest] * 2, extra=extra, within=within, scored=100)
    said, judged = verdict(plain, overtaking)

    assert judged is met
    assert ("MISSED" in said) is not met


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


def test_the_benchmark_of_records_prints_a_row_for_every_way() -> None:
    row = last_row("bench_storage", "--rounds", "1", "--seconds", "0.3", "--callers", "4", "--no-postgres")

    assert row[:2] == ["SQLite", "4"]


def test_the_judges_behind_http_get_one_text_under_many_titles_and_local_ones_get_many_texts() -> None:
    repeated, local = items_of(HTTP, 0.01), items_of(LOADS[0], 0.01)

    assert len({item.text for item in repeated}) == 1
    assert len({item.title for item in repeated}) == len(repeated) == 15
    assert len({item.text for item in local}) > 10
