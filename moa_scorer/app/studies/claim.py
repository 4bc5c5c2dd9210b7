"""`make claim`: panels of open-weight and small judges beside the single dearest one, on recorded judges.

Reads ../shared/data, which the product does not ship; writes deploy/snapshots/CLAIM.md.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from moa_scorer.app.files.prices import PricesFile
from moa_scorer.app.files.yaml_file import read_yaml
from moa_scorer.app.studies.claim_tables import Measured, claim_markdown
from moa_scorer.app.studies.claim_tasks import (
    BEST,
    DEAREST,
    Task,
    contenders_of,
    costs_of,
    mean_critiques,
    pairs,
    prices_of,
    summaries,
)
from moa_scorer.learning.choice.contenders import FOLDS, stand
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.ratings import read_lines
from moa_scorer.providers.prices import PriceTable

DATA: Final = Path("../shared/data")
OUT: Final = Path("deploy/snapshots/CLAIM.md")
PRICES: Final = Path("deploy/snapshots/claim_prices.yaml")
SEED: Final = 0
ADVERSARIAL: Final = "LLMBar/"
"""Subsets of the pairs with a choice that is not a matter of taste."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures both tasks and writes the file; without the recorded judges it says so and does nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of recorded judges")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        sys.stderr.write(f"claim: no recorded judges in {options.data}: nothing measured\n")
        return 1
    table, found = price_table(PRICES), []
    with Progress(console=Console(stderr=True)) as bars:
        for task in tasks(options.data):
            bar = bars.add_task(task.study.name, total=FOLDS)
            found.append(measured(task, table, partial(bars.advance, bar)))
    text = claim_markdown(found, table)
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


def measured(task: Task, table: PriceTable, progress: Callable[[], None]) -> Measured:
    """Where every contender of a task stands."""
    prices = prices_of(task, table)
    costs = costs_of(task, prices)
    standings = stand(
        task.study,
        contenders_of(task, prices, costs),
        costs,
        against=(DEAREST, BEST),
        seed=SEED,
        progress=progress,
    )
    return Measured(task=task, standings=standings, costs=costs, seed=SEED)


if __name__ == "__main__":
    sys.exit(main())
