"""`make collect-local-llm`: the ballots of the local language model on the registered texts.

Asks a server that `make local-llm` started, one text at a time; stopped and started again it goes on.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from moa_scorer.app.compose import Application, compose
from moa_scorer.app.settings import load_settings
from moa_scorer.app.studies.ballots import CollectionFailed, collect_ballots, publish
from moa_scorer.app.studies.local_llm_tasks import JUDGE, KINDS, chosen, llm_ballots_path, source_of
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.rows import append_rows, drop_broken_end, read_rows
from moa_scorer.telemetry.logs import configure

CATALOGUE: Final = "local_llm_catalogue"
"""Folder beside the ratings in which the judge is as shipped but for its critique, which is no number."""

SECONDS: Final = 900.0
"""For one text: what a busy machine may take."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Asks about what is missing and packs what there is; status 1 when the model could not be asked."""
    options = _options(arguments)
    data, log = Path(options.data), Path(options.work) / "local_llm.jsonl"
    configure("console", "error")
    application = compose(load_settings(overrides={"catalog_dir": data / CATALOGUE}))
    items = {kind: chosen(source_of(kind), data) for kind in KINDS}
    revisions = {JUDGE: application.catalog.judge(JUDGE).profile.revision}
    _resume(data, log)
    try:
        asyncio.run(_collect(application, by_turns(items.values()), log))
    except CollectionFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        for kind, registered in items.items():
            publish(log, llm_ballots_path(source_of(kind), data), registered, revisions)
    return 0


def by_turns(kinds: Iterable[Sequence[RatedItem]]) -> list[RatedItem]:
    """One text of each kind after the other, so that equal numbers are there at any time."""
    return [item for turn in zip_longest(*kinds) for item in turn if item is not None]


def _resume(data: Path, log: Path) -> None:
    """Goes on with the growing file, or starts it from what is committed."""
    if log.exists():
        drop_broken_end(log)
        return
    for kind in KINDS:
        for cast in read_rows(llm_ballots_path(source_of(kind), data)).values():
            append_rows(log, cast.values())


async def _collect(application: Application, items: Sequence[RatedItem], log: Path) -> None:
    with Progress(console=Console(stderr=True)) as bars:
        bar = bars.add_task("asking", total=None)

        def progress(done: int, total: int) -> None:
            bars.update(bar, completed=done, total=total)

        try:
            await collect_ballots(application, items, [JUDGE], log, progress, at_once=1, seconds=SECONDS)
        finally:
            await application.aclose()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make collect-local-llm", description=__doc__)
    parser.add_argument("--data", default="tests/data", help="folder with ratings and ballots")
    parser.add_argument("--work", default="build/ballots", help="folder for ballots while they are collected")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
