from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from moa_scorer.api.v1 import catalog_service_pb2_grpc, scoring_service_pb2_grpc
from moa_scorer.api.v1 import scoring_service_pb2 as pb

Step = Callable[[Any, grpc.ServicerContext], Any]


class ScriptedServer:
    """A real gRPC server on loopback that answers each call by the next step of its script."""

    def __init__(self) -> None:
        self.script: list[Step] = []
        self.requests: list[Any] = []
        self.remaining: list[float] = []
        self._server = grpc.server(ThreadPoolExecutor(max_workers=4))
        scripted = self

        class Scoring(scoring_service_pb2_grpc.ScoringServiceServicer):
            def ScoreContent(self, request: Any, context: grpc.ServicerContext) -> Any:
                return scripted.answer(request, context)

            def BatchScoreContents(self, request: Any, context: grpc.ServicerContext) -> Any:
                return scripted.answer(request, context)

            def StreamScoreContent(self, request: Any, context: grpc.ServicerContext) -> Any:
                yield from scripted.answer(request, context)

        class Catalog(catalog_service_pb2_grpc.CatalogServiceServicer):
            def ListJudges(self, request: Any, context: grpc.ServicerContext) -> Any:
                return scripted.answer(request, context)

        scoring_service_pb2_grpc.add_ScoringServiceServicer_to_server(Scoring(), self._server)
        catalog_service_pb2_grpc.add_CatalogServiceServicer_to_server(Catalog(), self._server)
        self.target = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def answer(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.requests.append(request)
        self.remaining.append(context.time_remaining())
        assert self.script, "the script is over"
        return self.script.pop(0)(request, context)

    def says(self, *messages: Any) -> None:
        self.script += [lambda _r, _c, message=message: message for message in messages]

    def fails(self, code: grpc.StatusCode, times: int = 1) -> None:
        self.script += [lambda _r, context: context.abort(code, "scripted")] * times

    def close(self) -> None:
        self._server.stop(None).wait()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()
    assert scripted.script == [], "steps of the script were never asked for"


@pytest.fixture
def scored() -> pb.ScoreContentResponse:
    message = pb.ScoreContentResponse(
        content_id="c-1", decision=3, rule="interval_crosses:0.40", completion=2, panel="panels/p@1"
    )
    message.planned, message.answered = 5, 4
    message.scored.score, message.scored.value, message.scored.certificate = 0.37, 2.48, 1
    message.scored.interval.lower, message.scored.interval.upper = 0.21, 0.55
    message.scored.interval.coverage, message.scored.interval.kind = 0.9, 1
    message.scored.criteria.add(name="civility", score=0.31, value=2.24)
    unscored = message.scored.criteria.add(name="relevance").unscored
    unscored.abstentions.add(judge="relevance", reason=7, detail="say a context")
    return message


@pytest.fixture
def unscored() -> pb.ScoreContentResponse:
    message = pb.ScoreContentResponse(decision=3, rule="on_unscored", completion=3)
    message.unscored.reason = 1
    message.unscored.abstentions.add(judge="fluency", reason=1)
    return message
