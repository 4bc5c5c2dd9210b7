"""The client for asyncio."""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

import grpc
import grpc.aio

from moa_scorer.api.v1 import (
    catalog_service_pb2,
    catalog_service_pb2_grpc,
    feedback_service_pb2_grpc,
    judge_pb2,
    panel_pb2,
    policy_pb2,
    record_service_pb2_grpc,
    rubric_pb2,
    scoring_service_pb2_grpc,
    snapshot_pb2,
)
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.client.channel import DEFAULT_DEADLINE, DEFAULT_TARGET, aio_channel, channel_options
from moa_scorer.client.errors import ScorerError, error_of, translated
from moa_scorer.client.escalation import escalate_message
from moa_scorer.client.feedback_calls import AsyncFeedback
from moa_scorer.client.messages import event_of, result_of
from moa_scorer.client.own_ballots import OwnBallots, reconcile_message
from moa_scorer.client.pipelining import Unanswered, answered
from moa_scorer.client.record_calls import AsyncRecords
from moa_scorer.client.requests import Item, View, message_of
from moa_scorer.client.results import Event, Result


class AsyncClient:
    """Scores texts on a server. Use as `async with AsyncClient(target) as client`.

    Every call ends within `deadline` seconds. Only UNAVAILABLE is tried again (scoring a text twice does no
    harm), with back-off and within the deadline. Failures raise ScorerError; an item that the judges could
    not score is a result, and its `.score` raises Unscored.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        deadline: float = DEFAULT_DEADLINE,
        credentials: grpc.ChannelCredentials | None = None,
        token: str = "",
        retries: bool = True,
    ) -> None:
        """`target` is host:port or any gRPC target; without `credentials` the connection is plain text.

        `token` is an API key or a signed token; without `credentials` it is sent to this machine only.
        """
        self._channel = aio_channel(target, credentials, token, channel_options(retries=retries))
        self._scoring: Any = scoring_service_pb2_grpc.ScoringServiceStub(self._channel)
        self._catalog: Any = catalog_service_pb2_grpc.CatalogServiceStub(self._channel)
        self._deadline = deadline
        stub: Any = record_service_pb2_grpc.RecordServiceStub(self._channel)
        self.records = AsyncRecords(stub, lambda method, request: self._call(method, request, None))
        """What was kept of scored items."""
        stub = feedback_service_pb2_grpc.FeedbackServiceStub(self._channel)
        self.feedback = AsyncFeedback(stub, lambda method, request: self._call(method, request, None))
        """Ratings, appeals, and what to rate next."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connection; calls in flight are cancelled."""
        await self._channel.close()

    async def score(self, item: Item | str, *, view: View = "score", deadline: float | None = None) -> Result:
        """Scores one item; a plain string is a text with defaults. `deadline` in seconds from now."""
        return result_of(await self._call(self._scoring.ScoreContent, message_of(item, view), deadline))

    async def batch(
        self, items: Sequence[Item | str], *, view: View = "score", deadline: float | None = None
    ) -> tuple[Result | ScorerError, ...]:
        """Scores many items in one call (the server's limit is 100): one outcome each, in order.

        An item that could not be served is a ScorerError in its place; the others are not affected.
        """
        request = pb.BatchScoreContentsRequest(requests=[message_of(item, view) for item in items])
        response = await self._call(self._scoring.BatchScoreContents, request, deadline)
        return tuple(
            error_of(o.error) if o.HasField("error") else result_of(o.response) for o in response.outcomes
        )

    async def pipeline(
        self, items: Iterable[Item | str] | AsyncIterable[Item | str], *, view: View = "score"
    ) -> AsyncGenerator[tuple[int, Result | ScorerError], None]:
        """Scores any number of items over one call: (position, outcome) as each is finished.

        At most 256 are in flight; `items` is read no faster than that. When the server ends the call, for its
        age or because it stops, what was not answered is sent on another. Each item's time is its `budget`.
        """
        numbered = Unanswered(items, lambda item: message_of(item, view))
        async with aclosing(answered(self._scoring.ScorePipeline, numbered)) as responses:
            async for position, response in responses:
                failed = response.HasField("error")
                yield position, error_of(response.error) if failed else result_of(response.response)

    async def stream(
        self, item: Item | str, *, view: View = "ballots", deadline: float | None = None
    ) -> AsyncGenerator[Event, None]:
        """Scores one item and tells what happens: the plan, ballots, provisional results, last the result.

        Leaving the loop early and closing the iterator stops the judges.
        """
        request = pb.StreamScoreContentRequest(request=message_of(item, view))
        call = self._scoring.StreamScoreContent(request, timeout=self._seconds(deadline))
        try:
            with translated():
                async for message in call:
                    if (event := event_of(message)) is not None:
                        yield event
        finally:
            call.cancel()

    async def escalate(
        self,
        record: str,
        judges: Sequence[str] = (),
        *,
        cost_ceiling: float | None = None,
        budget: float | None = None,
        request_id: str = "",
        view: View = "score",
        deadline: float | None = None,
    ) -> Result:
        """Asks the judges that a record (`records/ID`) left unused, or those named, and decides again.

        `cost_ceiling` is in US dollars, `budget` in seconds. Judges that had answered are neither asked nor
        paid again. FailedPrecondition where nobody is left to ask or the text was not kept.
        """
        request = escalate_message(
            record, judges, cost_ceiling=cost_ceiling, budget=budget, request_id=request_id, view=view
        )
        response = await self._call(self._scoring.EscalateRecord, request, deadline)
        return result_of(response.verdict)

    async def reconcile(
        self, ballots: OwnBallots, *, view: View = "score", deadline: float | None = None
    ) -> Result:
        """The verdict on ballots of your own judges, by a snapshot that was fitted to them; asks nobody.

        Raises ValueError for an answer that is none of the forms of `OwnBallots.judges`.
        """
        request = reconcile_message(ballots, view)
        response = await self._call(self._scoring.ReconcileBallots, request, deadline)
        return result_of(response.verdict)

    async def panels(self) -> tuple[panel_pb2.Panel, ...]:
        """Every panel."""
        pages = await self._pages(self._catalog.ListPanels, catalog_service_pb2.ListPanelsRequest)
        return tuple(panel for page in pages for panel in page.panels)

    async def rubrics(self) -> tuple[rubric_pb2.Rubric, ...]:
        """Every rubric."""
        pages = await self._pages(self._catalog.ListRubrics, catalog_service_pb2.ListRubricsRequest)
        return tuple(rubric for page in pages for rubric in page.rubrics)

    async def policies(self) -> tuple[policy_pb2.Policy, ...]:
        """Every policy."""
        pages = await self._pages(self._catalog.ListPolicies, catalog_service_pb2.ListPoliciesRequest)
        return tuple(policy for page in pages for policy in page.policies)

    async def judges(self) -> tuple[judge_pb2.Judge, ...]:
        """Every judge."""
        pages = await self._pages(self._catalog.ListJudges, catalog_service_pb2.ListJudgesRequest)
        return tuple(judge for page in pages for judge in page.judges)

    async def snapshots(self) -> tuple[snapshot_pb2.Snapshot, ...]:
        """Every calibration snapshot."""
        pages = await self._pages(self._catalog.ListSnapshots, catalog_service_pb2.ListSnapshotsRequest)
        return tuple(snapshot for page in pages for snapshot in page.snapshots)

    async def _pages(self, method: Any, request: Callable[..., Any]) -> list[Any]:
        pages = [await self._call(method, request(page_size=1000), None)]
        while token := pages[-1].next_page_token:
            pages.append(await self._call(method, request(page_size=1000, page_token=token), None))
        return pages

    async def _call(self, method: Callable[..., Awaitable[Any]], request: Any, deadline: float | None) -> Any:
        with translated():
            return await method(request, timeout=self._seconds(deadline))

    def _seconds(self, deadline: float | None) -> float:
        return self._deadline if deadline is None else deadline
