"""Calls of every kind, good and bad: each ends in one of the ways that its kind may end in."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

import grpc.aio
from google.protobuf.duration_pb2 import Duration

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from tests.bench.scripted import PROSE

SECONDS: Final = 20.0
"""Deadline of a call."""
BUDGET: Final = 3.0
"""Latency budget of an item, seconds: a judge that hangs holds an item for so long at most."""
HASTE: Final = 0.002
"""Seconds after which a caller in haste is gone."""
A_PIPELINE: Final = 25
"""Items of a pipeline."""
A_BATCH: Final = 10
REMEMBERED: Final = 500
"""The last so many texts are those that are sent again."""
OK: Final = "OK"
HASTY: Final = frozenset({OK, "CANCELLED", "DEADLINE_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of call."""

    share: float
    """Of all calls; pipelines and batches make several requests each."""
    requests: int = 1
    ends: frozenset[str] = frozenset({OK})
    """Statuses that it may end with."""


KINDS: Final[Mapping[str, Kind]] = {
    "fresh": Kind(0.46),
    "repeat": Kind(0.22),
    "id": Kind(0.09),
    "id_again": Kind(0.03),
    "numbers": Kind(0.03),
    "nothing": Kind(0.03),
    "stream": Kind(0.02),
    "stream_left": Kind(0.02, ends=HASTY),
    "cancelled": Kind(0.03, ends=HASTY),
    "deadline": Kind(0.02, ends=HASTY),
    "invalid": Kind(0.02, ends=frozenset({"INVALID_ARGUMENT"})),
    "unknown": Kind(0.01, ends=frozenset({"NOT_FOUND"})),
    "pipeline": Kind(0.01, requests=A_PIPELINE),
    "batch": Kind(0.01, requests=A_BATCH),
}


@dataclass(slots=True)
class Calls:
    """Draws calls and makes them; counts how each ended."""

    random: Random
    texts: int = 0
    """Written so far."""
    made: int = 0
    """Requests."""
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind, status) -> calls."""
    unlike: int = 0
    """Answers to a request id that name another record than the first one did."""
    _answered: dict[str, str] = field(default_factory=dict)
    """Request id -> its record, of the last ones."""

    async def make(self, channel: grpc.aio.Channel, requests: int, in_flight: int) -> None:
        """So many requests, or a pipeline's more."""
        end = self.made + requests
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(self._some(ScoringServiceStub(channel), end))

    async def _some(self, stub: ScoringServiceStub, end: int) -> None:
        kinds, shares = list(KINDS), [kind.share for kind in KINDS.values()]
        while self.made < end:
            [name] = self.random.choices(kinds, shares)
            self.made += KINDS[name].requests
            try:
                await self._ways()[name](stub)
            except grpc.aio.AioRpcError as error:
                self.ended[name, error.code().name] += 1
            except asyncio.CancelledError:
                self.ended[name, "CANCELLED"] += 1
            else:
                self.ended[name, OK] += 1

    def _ways(self) -> Mapping[str, Callable[[ScoringServiceStub], Awaitable[None]]]:
        return {
            "fresh": lambda stub: self._score(stub, self._request()),
            "repeat": lambda stub: self._score(stub, self._request(self._known())),
            "id": self._with_id,
            "id_again": self._again,
            "numbers": lambda stub: self._score(stub, self._request(retention=pb.RETENTION_NUMBERS)),
            "nothing": lambda stub: self._score(stub, self._request(retention=pb.RETENTION_NOTHING)),
            "stream": self._stream,
            "stream_left": self._leave_stream,
            "cancelled": self._cancel,
            "deadline": lambda stub: self._score(stub, self._request(), HASTE),
            "invalid": lambda stub: self._score(stub, self._request(text="")),
            "unknown": lambda stub: self._score(stub, self._request(panel="no-such-panel")),
            "pipeline": self._pipeline,
            "batch": self._batch,
        }

    def _request(self, text: str | None = None, **more: object) -> pb.ScoreContentRequest:
        request = pb.ScoreContentRequest(latency_budget=Duration(seconds=int(BUDGET)), **more)  # type: ignore[arg-type]
        request.content.text = self._fresh() if text is None else text
        request.content.kind, request.content.language = "comment", "en"
        return request

    def _fresh(self) -> str:
        self.texts += 1
        return text_of_comment(self.texts)

    def _known(self) -> str:
        return text_of_comment(max(1, self.texts - self.random.randrange(REMEMBERED)))

    async def _score(
        self, stub: ScoringServiceStub, request: pb.ScoreContentRequest, seconds: float = SECONDS
    ) -> None:
        response = await stub.ScoreContent(request, timeout=seconds)
        if request.request_id and response.WhichOneof("result") == "scored":
            first = self._answered.setdefault(request.request_id, response.record)
            self.unlike += first != response.record
            if len(self._answered) > REMEMBERED:
                del self._answered[next(iter(self._answered))]

    async def _with_id(self, stub: ScoringServiceStub) -> None:
        request = self._request()
        request.request_id = f"id-{self.texts}"
        await self._score(stub, request)

    async def _again(self, stub: ScoringServiceStub) -> None:
        """What was asked under an id of late, if anything."""
        if not self._answered:
            return
        known = self.random.choice(list(self._answered))
        request = self._request(text_of_comment(int(known.removeprefix("id-"))))
        request.request_id = known
        await self._score(stub, request)

    async def _stream(self, stub: ScoringServiceStub) -> None:
        async for _ in stub.StreamScoreContent(self._streamed(), timeout=SECONDS):
            pass

    async def _leave_stream(self, stub: ScoringServiceStub) -> None:
        call = stub.StreamScoreContent(self._streamed(), timeout=SECONDS)
        await call.read()
        call.cancel()

    def _streamed(self) -> pb.StreamScoreContentRequest:
        return pb.StreamScoreContentRequest(request=self._request())

    async def _cancel(self, stub: ScoringServiceStub) -> None:
        call = stub.ScoreContent(self._request(), timeout=SECONDS)
        await asyncio.sleep(self.random.random() * HASTE)
        call.cancel()
        await call

    async def _pipeline(self, stub: ScoringServiceStub) -> None:
        async def requests() -> AsyncIterator[pb.ScorePipelineRequest]:
            for number in range(A_PIPELINE):
                yield pb.ScorePipelineRequest(item_id=str(number), request=self._request())

        told = [answer.item_id async for answer in stub.ScorePipeline(requests(), timeout=SECONDS)]
        assert len(set(told)) == A_PIPELINE, "an item of a pipeline has no answer"

    async def _batch(self, stub: ScoringServiceStub) -> None:
        items = [self._request() for _ in range(A_BATCH)]
        answer = await stub.BatchScoreContents(pb.BatchScoreContentsRequest(requests=items), timeout=SECONDS)
        assert len(answer.outcomes) == A_BATCH, "an item of a batch has no outcome"


WORDS: Final = PROSE.split()


def text_of_comment(number: int) -> str:
    """A comment of 8 to 80 words, the same for the same number, another for another."""
    drawn = Random(number)
    return f"{' '.join(drawn.choices(WORDS, k=drawn.randint(8, 80)))} [{number}]"
