"""What `moa-scorer reconcile` does: read ballots, reconcile them here or on a server, write, sum up."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moa_scorer.app.cli.exits import Exit, fail, say, told
from moa_scorer.app.cli.options import log_quietly
from moa_scorer.app.cli.progress import Progress
from moa_scorer.app.cli.reconcile.ballot_lines import BallotLine, ballot_lines
from moa_scorer.app.cli.score.items import STDIN, count_lines
from moa_scorer.app.cli.score.scorers import Outcome, outcome_of
from moa_scorer.app.cli.score.scoring import Tally
from moa_scorer.app.cli.score.writers import writer
from moa_scorer.app.servers import client_of
from moa_scorer.client import OwnBallots, Result, View
from moa_scorer.client.messages import result_of
from moa_scorer.client.own_ballots import reconcile_message

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings
    from moa_scorer.calibration.snapshot import Snapshot
    from moa_scorer.learning.study.reading import Columns

Reconcile = Callable[[OwnBallots, View], Awaitable[Result]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The command line, read."""

    source: str
    """File of ballots, or - for stdin."""
    output: str
    """table, json or jsonl."""
    view: View
    snapshot: str
    """A file, or a name in the catalogue."""
    server: str | None
    """None = in this process, by `settings`."""
    settings: "Settings | None"
    columns: "Columns"
    """What the columns hold where `source` is a table."""


def run(wanted: Wanted, defaults: OwnBallots) -> Exit:
    """Reconciles every line; `defaults` hold where it does not say otherwise. Raises BadInput."""
    from moa_scorer.app.cli.snapshots.choice import is_file

    if wanted.server and is_file(wanted.snapshot):
        fail("a server reconciles by the snapshots of its own catalogue: name one of them", Exit.USAGE)
    with told(), _lines(wanted, defaults) as lines:
        return asyncio.run(_run(wanted, lines))


@contextmanager
def _lines(wanted: Wanted, defaults: OwnBallots) -> Iterator[Iterator[BallotLine]]:
    """Of lines of JSON, or of a table; raises BadInput."""
    from moa_scorer.app.cli.reconcile.table_ballots import is_table, table_ballots

    if is_table(wanted.source):
        yield table_ballots(wanted.source, wanted.columns, defaults, _criteria(wanted))
        return
    with ballot_lines(wanted.source, defaults) as lines:
        yield lines


def _criteria(wanted: Wanted) -> tuple[str, ...]:
    """What the snapshot's judges are asked."""
    from moa_scorer.app.cli.snapshots.choice import choose
    from moa_scorer.app.compose import catalog_of

    if wanted.settings is None or not wanted.snapshot:
        fail("a table is reconciled in this process and by a --snapshot; else give lines of JSON", Exit.USAGE)
    return tuple(choose(catalog_of(wanted.settings), wanted.snapshot).snapshot.weights)


async def _run(wanted: Wanted, lines: Iterator[BallotLine]) -> Exit:
    tally = Tally()
    with writer(wanted.output, sys.stdout, many=True) as out, Progress(count_lines(wanted.source)) as bar:
        here = not wanted.server
        known = list(lines) if here and wanted.source != STDIN else None
        async with _local(wanted, known or ()) if here else _remote(wanted) as reconcile:
            for each in lines if known is None else known:
                outcome = await _outcome(each, reconcile, wanted.view)
                tally.add(outcome)
                with bar.paused(stderr=outcome.result is None):
                    out.write(outcome)
                    if outcome.result is None:
                        say(_mistake(wanted, outcome))
                bar.advance()
                if outcome.unreachable:
                    break
    return tally.code()


def _mistake(wanted: Wanted, outcome: Outcome) -> str:
    if outcome.unreachable:
        return f"cannot reach {wanted.server}: {outcome.mistake}; stopped at line {outcome.line.number}"
    name = "stdin" if wanted.source == STDIN else wanted.source
    return f"{name}:{outcome.line.number}: {outcome.mistake}"


async def _outcome(each: BallotLine, reconcile: Reconcile, view: View) -> Outcome:
    if each.ballots is None:
        return Outcome(line=each.line, result=None, mistake=each.line.mistake)
    return await outcome_of(each.line, reconcile(each.ballots, view))


@asynccontextmanager
async def _remote(wanted: Wanted) -> AsyncIterator[Reconcile]:
    assert wanted.server is not None, "asked for with a server only"
    async with client_of(wanted.server) as client:

        async def reconcile(ballots: OwnBallots, view: View) -> Result:
            return await client.reconcile(replace(ballots, snapshot=wanted.snapshot), view=view)

        yield reconcile


@asynccontextmanager
async def _local(wanted: Wanted, lines: Sequence[BallotLine]) -> AsyncIterator[Reconcile]:
    """Reconciles in this process; no judge is asked, so no model is loaded. Where `lines`, as a whole, are
    unlike what was rated, this is said, and nothing is called VALID."""
    from moa_scorer.app.cli.snapshots.choice import with_snapshot
    from moa_scorer.app.compose import compose
    from moa_scorer.contract.calls import reconcile_ballots
    from moa_scorer.scoring.pipeline import Pipeline

    assert wanted.settings is not None, "without a server there are settings"
    log_quietly(wanted.settings)
    application = compose(wanted.settings)
    try:
        catalog, name = with_snapshot(application.catalog, wanted.snapshot)
        if name and (doubt := _doubt(catalog.snapshot(name), lines)):
            catalog = replace(catalog, doubts={catalog.snapshot(name).revision: doubt})
        pipeline = Pipeline(catalog, application.pipeline.clock)

        async def reconcile(ballots: OwnBallots, view: View) -> Result:
            message = reconcile_message(replace(ballots, snapshot=name), view)
            response = await reconcile_ballots(pipeline, message, None, application.limits)
            return result_of(response.verdict)

        yield reconcile
    finally:
        await application.aclose()


def _doubt(snapshot: "Snapshot", lines: Sequence[BallotLine]) -> str:
    from moa_scorer.app.cli.reconcile.batch_check import unlike_rated

    words = unlike_rated(snapshot, lines)
    if words:
        say(f"{words}; until then no score of this file is called calibrated")
    return words
