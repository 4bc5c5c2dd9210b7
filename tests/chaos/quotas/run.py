"""Several server processes, one tenant, one Valkey: twenty times as many calls as its quota has room for.

Three races. In the first the quota is of items, in the second of money, and in the third one of the servers
is killed with -9 in the middle. What was spent is what the fake vendor says that it was sent, and what a
quota has left is asked of the ledger itself. The exit status is 1 where a quota was passed, or where some of
it can be used by nobody.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import grpc.aio
import uvloop

from deploy.demo.identities import Issuer
from deploy.local_server import Server
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.domain.quota import Meter, Quota
from moa_scorer.domain.tenant import Tenant
from moa_scorer.storage.ledger_redis import RedisLedger, connected
from tests.chaos.figures import Figure, table
from tests.chaos.quotas.figures import Ran, figures
from tests.chaos.quotas.racing import Race, most_of_an_item
from tests.chaos.quotas.setup import (
    ITEM_COSTS,
    JUDGES,
    Tokens,
    catalogue,
    kill,
    products,
    quota_of,
    vendor_of,
)
from tests.chaos.sent import SentFile
from tests.chaos.vendor import FLUSH, vendor_process
from tests.fakes.valkey import running_valkey

ITEMS: Final = "items"
MONEY: Final = "money"
KILLED: Final = "money-killed"

LONGEST: Final = 120.0
"""Seconds of a race."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be said on the command line."""

    servers: int = 4
    items: int = 150
    """That the quotas are made for."""
    contention: int = 20
    """Calls for each of them."""
    in_flight: int = 120
    """Calls at once."""
    seed: int = 1

    @property
    def calls(self) -> int:
        """Of a race."""
        return self.items * self.contention

    def quotas(self) -> dict[str, Quota]:
        """Tenant, which is called as its race is -> its quota."""
        money = quota_of(Meter.MICRO_USD, self.items * ITEM_COSTS)
        return {ITEMS: quota_of(Meter.ITEMS, self.items), MONEY: money, KILLED: money}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where races are run."""

    options: Options
    servers: Sequence[Server]
    stubs: Sequence[ScoringServiceStub]
    tokens: Tokens
    ledger: RedisLedger
    sent: SentFile
    numbers: Iterator[int]

    async def run(self, title: str, *, victim: int | None = None) -> Ran:
        """One race from its start to where nothing more is to be had; `victim` = a server that dies."""
        race = Race(
            stubs=self.stubs, metadata=self.tokens.of(title), items=self.numbers, goal=self.options.items // 4
        )
        await self._early_enough(self.options.quotas()[title])
        storm = asyncio.create_task(race.storm(self.options.calls, self.options.in_flight))
        lost = 0 if victim is None else await self._killed(race, victim)
        await storm
        await race.use_up()
        await asyncio.sleep(2 * FLUSH)
        quota = self.options.quotas()[title]
        [left] = await self.ledger.left(Tenant(title), [quota], time.time())
        most = await most_of_an_item(self.stubs[0], self.tokens.of("nobody"), next(self.numbers))
        return Ran(
            title=title,
            quota=quota,
            race=race,
            wanted=self.options.calls,
            left=left.amount,
            most=most,
            sent=self.sent.read(),
            lost=lost,
        )

    async def _early_enough(self, quota: Quota) -> None:
        """No race begins just before its quota is new."""
        if (left := quota.resets_in(time.time())) < LONGEST:
            await asyncio.sleep(left)

    async def _killed(self, race: Race, victim: int) -> int:
        """Kills a server when a part of the quota is used; how many calls were at work in it."""
        await race.reached.wait()
        race.dead.add(victim)
        lost = race.flying[victim]
        kill(self.servers[victim])
        return lost


async def _races(course: Course) -> list[Ran]:
    last = len(course.servers) - 1
    return [await course.run(ITEMS), await course.run(MONEY), await course.run(KILLED, victim=last)]


def run(options: Options, folder: Path) -> list[Figure]:
    """Every figure of every race."""
    issuer = Issuer()
    with (
        running_valkey() as valkey,
        vendor_process(JUDGES, vendor_of(options.seed), folder / "sent.jsonl") as (urls, _),
    ):
        catalogue(folder / "catalogue", urls)
        with products(options.servers, folder, valkey.url, options.quotas(), issuer) as servers:
            ran = uvloop.run(_run(options, servers, Tokens(issuer), valkey.url, folder))
    return [figure for each in ran for figure in figures(each)]


async def _run(
    options: Options, servers: Sequence[Server], tokens: Tokens, redis: str, folder: Path
) -> list[Ran]:
    ledger = RedisLedger(connected(redis))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(ledger.aclose)
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(server.host)) for server in servers
        ]
        course = Course(
            options=options,
            servers=servers,
            stubs=[ScoringServiceStub(channel) for channel in channels],
            tokens=tokens,
            ledger=ledger,
            sent=SentFile(folder / "sent.jsonl"),
            numbers=count(1),
        )
        return await _races(course)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 every limit kept, 1 not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    usual = Options()
    parser.add_argument("--servers", type=int, default=usual.servers)
    parser.add_argument("--items", type=int, default=usual.items, help="that the quotas are made for")
    parser.add_argument("--contention", type=int, default=usual.contention, help="calls for each of them")
    parser.add_argument("--seed", type=int, default=usual.seed)
    options = Options(**vars(parser.parse_args(arguments)))
    print(f"\n## Race for a quota\n\n{__doc__}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = run(options, Path(folder))
    print(table(found), flush=True)
    return 0 if all(figure.ok for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
