"""`make claim`: panels of open-weight and small judges beside the single dearest one, on recorded judges.

Reads ../shared/data, which the product does not ship; writes deploy/snapshots/CLAIM.md.
"""

import sys
from collections.abc import Callable, Sequence

from moa_scorer.app.studies.claim_tables import Measured, claim_markdown
from moa_scorer.app.studies.claim_tasks import BEST, DEAREST, Task, contenders_of, costs_of, prices_of
from moa_scorer.app.studies.recorded import SEED, SNAPSHOTS, run_study
from moa_scorer.learning.choice.contenders import FOLDS, stand
from moa_scorer.providers.prices import PriceTable


def main(arguments: Sequence[str] | None = None) -> int:
    """As `run_study`."""
    return run_study(
        arguments,
        about=__doc__,
        out=SNAPSHOTS / "CLAIM.md",
        steps=FOLDS,
        measured=measured,
        told=claim_markdown,
    )


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
