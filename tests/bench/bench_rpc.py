"""The whole pipeline with five scripted in-process judges, beside a bare gRPC echo of equal message sizes.

Both servers are `grpc.aio` on uvloop with the same channel options; the client is a third process that sends
and receives plain bytes. The rounds of the two are interleaved. Every request asks the judges anew, and no
records are kept.

On in the pipeline: interceptor with request id, log context and error boundary; two JSON log lines a call;
validation; language and measures of the text; plan and ruler; five judges in a task group under a budget;
fusion with intervals (a column a judge and criterion, a head a criterion and the overall), certificate and
rationale; policy. At view FULL also ballots, evidence, contributions and facts. The echo decodes the same
request and encodes a response of the same type and size, and does nothing else.

Two ratios are shown. Of the rates: what one client process got out of either; a bare echo is faster than the
client, so this is kind to the pipeline. By CPU: the server's own CPU time an item, whatever the client does.
"""

import argparse
import statistics
from collections.abc import Sequence
from multiprocessing.connection import Connection

import grpc

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from tests.bench.load import Load, Round, client_process, measured
from tests.bench.report import markdown
from tests.bench.scripted import COMMENT, SUMMARY, Case, text_of
from tests.bench.servers import METHOD, Running, running

GOALS = {"SCORE": 0.40, "FULL": 0.25}
CONNECTIONS, CALLS_AT_ONCE = 4, 16


def request_of(
    case: Case, view: str, cache: "pb.CacheControl.ValueType" = pb.CACHE_CONTROL_NONE
) -> pb.ScoreContentRequest:
    """What is sent."""
    request = pb.ScoreContentRequest(policy="bench", view=pb.View.Value(f"VIEW_{view}"), cache_control=cache)
    request.content.text = text_of(case.words)
    request.content.kind = case.kind
    request.content.language = "en"
    return request


def answer_of(server: Running, request: pb.ScoreContentRequest) -> bytes:
    """The product's answer, for the echo to repeat; raises AssertionError when it holds no score."""
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        answer: bytes = channel.unary_unary(METHOD)(request.SerializeToString(), timeout=30)
    response = pb.ScoreContentResponse.FromString(answer)
    assert response.HasField("scored"), response
    return answer


def compare(client: Connection, case: Case, view: str, rounds: int, seconds: float) -> tuple[str, ...]:
    """One row: both servers in turn, medians, and the median of the rounds' ratios."""
    request = request_of(case, view)
    data = request.SerializeToString()
    with running(case) as product:
        answer = answer_of(product, request)
        with running(answer) as echo:
            for server in (product, echo):
                one_round(client, server, data, seconds / 2)
            pairs = [
                (one_round(client, product, data, seconds), one_round(client, echo, data, seconds))
                for _ in range(rounds)
            ]
    return row(case, view, len(data), len(answer), pairs, GOALS[view])


def one_round(client: Connection, server: Running, request: bytes, seconds: float) -> Round:
    """So many seconds of load on one server."""
    load = Load(
        port=server.port,
        request=request,
        seconds=seconds,
        at_once=CALLS_AT_ONCE,
        connections=CONNECTIONS,
    )
    return measured(client, load, server.cpu)


def row(
    case: Case, view: str, sent: int, received: int, pairs: Sequence[tuple[Round, Round]], goal: float
) -> tuple[str, ...]:
    """The cells under `HEADINGS` of rounds of the product, each with one of the echo."""

    def median(which: int, field: str) -> float:
        return statistics.median(getattr(pair[which], field) for pair in pairs)

    rate = statistics.median(ours.rate / theirs.rate for ours, theirs in pairs)
    cpu = statistics.median(theirs.cpu / ours.cpu for ours, theirs in pairs)
    return (
        f"{case.kind}, {case.words} words, criteria: {len(case.criteria)}",
        view,
        f"{sent} / {received}",
        *(f"{median(which, 'rate'):.0f} ({median(which, 'busy'):.0%})" for which in (1, 0)),
        _judged(rate, goal),
        f"{median(1, 'cpu') * 1e3:.2f} / {median(0, 'cpu') * 1e3:.2f}",
        _judged(cpu, goal),
    )


def _judged(ratio: float, goal: float) -> str:
    return f"**{ratio:.2f}** ({'meets' if ratio >= goal else 'MISSES'} {goal:.2f})"


HEADINGS = (
    "text and rubric",
    "view",
    "request / response bytes",
    "echo items/s (server busy)",
    "pipeline items/s (server busy)",
    "ratio of rates",
    "CPU ms an item, echo / pipeline",
    "ratio by CPU",
)
PREFACE = """
Medians of {rounds} interleaved rounds of {seconds:g} s, {calls} calls at once over {connections} connections,
one worker.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a round")
    parser.add_argument("--kinds", nargs="+", default=["comment", "summary"], help="texts to send")
    parser.add_argument("--views", nargs="+", default=list(GOALS), choices=GOALS)
    chosen = parser.parse_args()
    print(f"\n## Pipeline beside a bare gRPC echo\n\n{__doc__}")
    print(PREFACE.format(calls=CALLS_AT_ONCE, connections=CONNECTIONS, **vars(chosen)))
    with client_process() as (client, _):
        rows = [
            compare(client, case, view, chosen.rounds, chosen.seconds)
            for case in (COMMENT, SUMMARY)
            for view in chosen.views
            if case.kind in chosen.kinds
        ]
    print(markdown(HEADINGS, rows))


if __name__ == "__main__":
    main()
