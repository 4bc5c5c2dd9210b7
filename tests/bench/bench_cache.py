"""Answers that are given again, beside a bare gRPC echo of equal message sizes.

The servers, the client and the interleaved rounds are those of `bench_rpc`. The product has its defaults:
records and request ids in SQLite, an exact cache in its memory, a JSON log line a call. Every request
after the first is the very same one: nobody is asked, the policy decides anew, nothing is written. The echo
decodes the same request and encodes a response of the same type and size, and does nothing else.

The stampede: so many calls with the same item at once, to a server that never saw it. How often its panel was
asked is read off the answers: whoever has the bill says MISS, the others SHARED or HIT.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import grpc.aio

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from tests.bench.bench_rpc import (
    CALLS_AT_ONCE,
    CONNECTIONS,
    HEADINGS,
    PREFACE,
    answer_of,
    one_round,
    request_of,
    row,
)
from tests.bench.load import client_process
from tests.bench.report import markdown
from tests.bench.scripted import COMMENT, SUMMARY, Case
from tests.bench.servers import Remembering, Running, running

GOAL = 0.60


@contextmanager
def remembering(case: Case) -> Iterator[Running]:
    """The product with its memory, in a folder of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Remembering(case=case, database=f"sqlite:///{folder}/records.db")) as server,
    ):
        yield server


def hits(client: Connection, case: Case, view: str, rounds: int, seconds: float) -> tuple[str, ...]:
    """One row: both servers in turn, medians, and the median of the rounds' ratios."""
    request = request_of(case, view, pb.CACHE_CONTROL_UNSPECIFIED)
    data = request.SerializeToString()
    with remembering(case) as product:
        first, again = (answer_of(product, request) for _ in range(2))
        assert pb.ScoreContentResponse.FromString(first).cache == pb.CACHE_USE_MISS
        assert pb.ScoreContentResponse.FromString(again).cache == pb.CACHE_USE_HIT
        with running(again) as echo:
            for server in (product, echo):
                one_round(client, server, data, seconds / 2)
            pairs = [
                (one_round(client, product, data, seconds), one_round(client, echo, data, seconds))
                for _ in range(rounds)
            ]
    return row(case, view, len(data), len(again), pairs, GOAL)


async def stampede(server: Running, calls: int) -> tuple[float, Counter[str]]:
    """Seconds until all had their answer, and where the answers came from."""
    request = request_of(COMMENT, "SCORE", pb.CACHE_CONTROL_UNSPECIFIED)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        await channel.channel_ready()
        score = ScoringServiceStub(channel).ScoreContent
        started = time.monotonic()
        answers = await asyncio.gather(*(score(request, timeout=60) for _ in range(calls)))
        elapsed = time.monotonic() - started
    return elapsed, Counter(pb.CacheUse.Name(a.cache).removeprefix("CACHE_USE_") for a in answers)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a round")
    parser.add_argument("--kinds", nargs="+", default=["comment", "summary"], help="texts to send")
    parser.add_argument("--views", nargs="+", default=["SCORE", "FULL"])
    parser.add_argument("--stampede", type=int, default=1_000, help="calls at once with one item")
    chosen = parser.parse_args()
    print(f"\n## Answers given again\n\n{__doc__}")
    with remembering(COMMENT) as server:
        elapsed, uses = asyncio.run(stampede(server, chosen.stampede))
    told = ", ".join(f"{count:,} {use}" for use, count in sorted(uses.items()))
    print(f"Stampede of {chosen.stampede:,} calls: {elapsed:.2f} s, {told}.")
    print(PREFACE.format(calls=CALLS_AT_ONCE, connections=CONNECTIONS, **vars(chosen)))
    with client_process() as (client, _):
        rows = [
            hits(client, case, view, chosen.rounds, chosen.seconds)
            for case in (COMMENT, SUMMARY)
            for view in chosen.views
            if case.kind in chosen.kinds
        ]
    print(markdown(HEADINGS, rows))


if __name__ == "__main__":
    main()
