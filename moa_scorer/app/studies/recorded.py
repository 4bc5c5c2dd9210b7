"""A study of recorded judges from the command line: task after task with a bar, then one file of findings.

The judges' answers lie in ../shared/data, which the product does not ship.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import Progress

from moa_scorer.app.files.prices import PricesFile
from moa_scorer.app.files.yaml_file import read_yaml
from moa_scorer.app.studies.claim_tasks import Task, mean_critiques, pairs, summaries
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.ratings import read_lines
from moa_scorer.providers.prices import PriceTable

DATA: Final = Path("../shared/data")
SNAPSHOTS: Final = Path("deploy/snapshots")
PRICES: Final = SNAPSHOTS / "claim_prices.yaml"
SEED: Final = 0
ADVERSARIAL: Final = "LLMBar/"
"""Subsets of the pairs with a choice that is not a matter of taste."""

Found = TypeVar("Found")
Measure = Callable[[Task, PriceTable, Callable[[], None]], Found]
"""What a study finds in a task, at these prices; the last argument is called after each of its steps."""


def run_study(
    arguments: Sequence[str] | None,
    *,
    about: str | None,
    out: Path,
    steps: int,
    measured: Measure[Found],
    told: Callable[[Sequence[Found], PriceTable], str],
) -> int:
    """Measures both tasks and writes the file; without the recorded judges it says so and does nothing.

    `steps` is how often a task tells its progress.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of recorded judges")
    parser.add_argument("--out", type=Path, default=out)
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        sys.stderr.write(f"{out.stem.lower()}: no recorded judges in {options.data}: nothing measured\n")
        return 1
    table, found = price_table(PRICES), list[Found]()
    with Progress(console=Console(stderr=True)) as bars:
        for task in tasks(options.data):
            bar = bars.add_task(task.study.name, total=steps)
            found.append(measured(task, table, partial(bars.advance, bar)))
    text = told(found, table)
    options.out.write_text(text)
    sys.stdout.write(text)
    return 0


def tasks(data: Path) -> tuple[Task, ...]:
    """Summaries and pairs, as recorded."""
    first, second = data / "summeval.jsonl.gz", data / "llmbar.jsonl.gz"
    return (
        summaries(read_studies(first)[0], mean_critiques(list(read_lines(first)))),
        pairs(read_studies(second)[0], mean_critiques(list(read_lines(second))), ADVERSARIAL),
    )


def price_table(path: Path) -> PriceTable:
    """The prices of the day that the file names; raises ValueError for a file that is not one."""
    mistakes: list[str] = []
    parsed = read_yaml(path, PricesFile, mistakes)
    if parsed is None:
        raise ValueError("; ".join(mistakes))
    return PriceTable(tuple(price.value() for price in parsed.prices))
