"""Judges behind HTTP through the whole product, beside a bare program that asks them and means their scores.

Both serve the same gRPC call on uvloop in one process, post the same prompt bytes over kept-alive aiohttp
connections to the same vendor process, and are sent the same load by the same client process, in turn. The
bare program reads the JSON of the reply and means the scores; any failure of a judge would fail its call.

On in the product: request id, log context, error boundary, two JSON log lines a call; validation, measures of
the text, plan, ruler; a prompt with a nonce for every judge; buckets, adaptive concurrency, queue, retries,
hedging, circuit breaker, money; replies read against schema and nonce, quotes checked; a task group under a
budget, fusion, certificate. The ratio of the rates depends on what else the two cores do, that by CPU hardly.

Twice: with a vendor that answers at once, where the servers' own work is all there is, and with one that
takes as long as language models do, where waiting is.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import grpc

from deploy.local_server import Server, serving
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from tests.bench.bare_fanout import Prompt, bare_fanout
from tests.bench.capacity import cpu_seconds
from tests.bench.fast_vendor import Vendor, fast_vendor
from tests.bench.http_judges import PANEL, WIRES, catalogue_of, judges_at
from tests.bench.load import Load, Round, client_process, measured
from tests.bench.profile_llm import print_profile
from tests.bench.report import markdown
from tests.bench.scripted import text_of
from tests.bench.servers import METHOD
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge

GOAL: Final = 0.75
_TOO_BUSY: Final = 0.7
"""Share of a core from which the vendor or the client might hold the servers back."""
_PASSED_ON: Final = ("authorization", "x-api-key", "x-goog-api-key", "anthropic-version", "content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a row is about."""

    judges: int
    delay: float
    """Seconds that the vendor waits."""
    rounds: int
    seconds: float
    at_once: int


@contextmanager
def product(judges: Sequence[FakeJudge]) -> Iterator[Server]:
    """The real server."""
    with tempfile.TemporaryDirectory() as folder:
        catalogue_of(Path(folder), judges)
        environment = {"MOA_SCORER_CATALOG_DIR": folder, KEY_VARIABLE: "fake"}
        with serving(PANEL, environment=environment) as server:
            yield server


def request() -> bytes:
    """What is sent to either."""
    made = pb.ScoreContentRequest()
    made.content.text, made.content.language = text_of(100), "en"
    return made.SerializeToString()


def scored(host: str, data: bytes) -> float:
    """The score that a server gives; raises AssertionError where there is none."""
    with grpc.insecure_channel(host) as channel:
        answer = pb.ScoreContentResponse.FromString(channel.unary_unary(METHOD)(data, timeout=30))
    assert answer.HasField("scored"), answer
    return answer.scored.score


def prompts_of(vendor: Vendor, judges: Sequence[FakeJudge]) -> list[Prompt]:
    """What the product sent last, for the bare program to send again."""
    book = vendor.book()
    return [_prompt(vendor, path, book.heads[path], book.bodies[path]) for path in sorted(book.bodies)]


def _prompt(vendor: Vendor, path: str, head: bytes, body: bytes) -> Prompt:
    lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:] if line]
    headers = tuple((name, value) for name, _, value in lines if name.lower() in _PASSED_ON)
    return Prompt(kind=path.split("/")[1], url=vendor.url + path, body=body, headers=headers)


def used_by(pid: int) -> Callable[[], float]:
    """A function that tells the CPU seconds that a process has used, all its threads."""
    return lambda: cpu_seconds([pid])


def compare(client: Connection, client_pid: int, setting: Setting) -> tuple[str, ...]:
    """One row: both servers in turn."""
    data = request()
    with fast_vendor(setting.delay) as vendor:
        judges = judges_at(vendor, setting.judges)
        with product(judges) as ours:
            scored(ours.host, data)
            with bare_fanout(prompts_of(vendor, judges)) as bare:
                scored(f"127.0.0.1:{bare.port}", data)
                servers = {
                    "ours": (int(ours.host.rpartition(":")[2]), used_by(ours.process.pid)),
                    "bare": (bare.port, used_by(bare.pid)),
                }
                others = {"vendor": used_by(vendor.pid), "client": used_by(client_pid)}
                return _row(setting, _rounds(client, data, setting, servers, others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One round of each server, and how busy the two others were in both."""

    ours: Round
    bare: Round
    busiest: Mapping[str, float]
    """Vendor or client -> its share of a core, the larger of the two rounds."""


def _rounds(
    client: Connection,
    data: bytes,
    setting: Setting,
    servers: Mapping[str, tuple[int, Callable[[], float]]],
    others: Mapping[str, Callable[[], float]],
) -> list[Pair]:
    """Pairs of rounds after one pair to warm up."""

    def one(name: str) -> tuple[Round, dict[str, float]]:
        port, cpu = servers[name]
        load = Load(port=port, request=data, seconds=setting.seconds, at_once=setting.at_once)
        before = {other: used() for other, used in others.items()}
        done = measured(client, load, cpu)
        return done, {other: (used() - before[other]) / setting.seconds for other, used in others.items()}

    pairs = []
    for _ in range(setting.rounds + 1):
        (ours, busy_ours), (bare, busy_bare) = one("ours"), one("bare")
        busiest = {other: max(busy_ours[other], busy_bare[other]) for other in others}
        pairs.append(Pair(ours=ours, bare=bare, busiest=busiest))
    return pairs[1:]


def _row(setting: Setting, pairs: Sequence[Pair]) -> tuple[str, ...]:
    def median(of: Callable[[Pair], float]) -> float:
        return statistics.median(map(of, pairs))

    busy = {other: median(lambda pair, other=other: pair.busiest[other]) for other in pairs[0].busiest}
    held = ", ".join(
        f"{other} {share:.0%}" + (" (!)" if share > _TOO_BUSY else "") for other, share in busy.items()
    )
    return (
        f"{setting.judges}",
        f"{setting.delay * 1e3:.0f}",
        f"{median(lambda pair: pair.bare.rate):.0f} ({median(lambda pair: pair.bare.busy):.0%})",
        f"{median(lambda pair: pair.ours.rate):.0f} ({median(lambda pair: pair.ours.busy):.0%})",
        _judged(median(lambda pair: pair.ours.rate / pair.bare.rate)),
        f"{median(lambda pair: pair.bare.cpu) * 1e3:.2f} / {median(lambda pair: pair.ours.cpu) * 1e3:.2f}",
        _judged(median(lambda pair: pair.bare.cpu / pair.ours.cpu)),
        held,
    )


def _judged(ratio: float) -> str:
    return f"**{ratio:.2f}** ({'meets' if ratio >= GOAL else 'MISSES'} {GOAL})"


HEADINGS = (
    "judges",
    "vendor ms",
    "bare items/s (server busy)",
    "ours items/s (server busy)",
    "ratio of rates",
    "CPU ms an item, bare / ours",
    "ratio by CPU",
    "busy beside",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--judges", type=int, nargs="+", default=[3, 5], choices=range(1, len(WIRES) + 1))
    parser.add_argument("--delays", type=float, nargs="+", default=[30, 400], help="ms that the vendor takes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    parser.add_argument("--at-once", type=int, default=64, help="calls")
    parser.add_argument("--profile", action="store_true", help="instead, where the time of the pipeline goes")
    chosen = parser.parse_args()
    if chosen.profile:
        for judges in chosen.judges:
            print_profile(judges)
        return
    print(f"\n## Judges behind HTTP beside a bare gather\n\n{__doc__}")
    print(f"Medians of {chosen.rounds} interleaved rounds of {chosen.seconds:g} s, {chosen.at_once} calls at")
    print("once; shares are of a core.\n")
    settings = [
        Setting(
            judges=judges,
            delay=delay / 1e3,
            rounds=chosen.rounds,
            seconds=chosen.seconds,
            at_once=chosen.at_once,
        )
        for delay in chosen.delays
        for judges in chosen.judges
    ]
    with client_process() as (client, pid):
        rows = [compare(client, pid, setting) for setting in settings]
    print(markdown(HEADINGS, rows))


if __name__ == "__main__":
    main()
