"""The client for code without asyncio; safe to share between threads."""

from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Any, Self

import grpc

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
from moa_scorer.client.channel import DEFAULT_DEADLINE, DEFAULT_TARGET, blocking_channel, channel_options
from moa_scorer.client.errors import ScorerError, error_of, translated
from moa_scorer.client.escalation import escalate_message
from moa_scorer.client.feedback_calls import Feedback
from moa_scorer.client.messages import event_of, result_of
from moa_scorer.client.own_ballots import OwnBallots, reconcile_message
from moa_scorer.client.record_calls import Records
from moa_scorer.client.requests import Item, View, message_of
from moa_scorer.client.results import Event, Result


class Client:
    """Scores texts on a server. Use as `with Client(target) as client`.

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
        self._channel = blocking_channel(target, credentials, token, channel_options(retries=retries))
        self._scoring: Any = scoring_service_pb2_grpc.ScoringServiceStub(self._channel)
        self._catalog: Any = catalog_service_pb2_grpc.CatalogServiceStub(self._channel)
        self._deadline = deadline
        stub: Any = record_service_pb2_grpc.RecordServiceStub(self._channel)
        self.records = Records(stub, lambda method, request: self._call(method, request, None))
        """What was kept of scored items."""
        stub = feedback_service_pb2_grpc.FeedbackServiceStub(self._channel)
        self.feedback = Feedback(stub, lambda method, request: self._call(method, request, None))
        """Ratings, appeals, and what to rate next."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; calls in flight are cancelled."""
        self._channel.close()

    def score(self, item: Item | str, *, view: View = "score", deadline: float | None = None) -> Result:
        """Scores one item; a plain string is a text with defaults. `deadline` in seconds from now."""
        return result_of(self._call(self._scoring.ScoreContent, message_of(item, view), deadline))

    def batch(
        self, items: Sequence[Item | str], *, view: View = "score", deadline: float | None = None
    ) -> tuple[Result | ScorerError, ...]:
        """Scores many items in one call (the server's limit is 100): one outcome each, in order.

        An item that could not be served is a ScorerError in its place; the others are not affected.
        """
        request = pb.BatchScoreContentsRequest(requests=[message_of(item, view) for item in items])
        response = self._call(self._scoring.BatchScoreContents, request, deadline)
        return tuple(
            error_of(o.error) if o.HasField("error") else result_of(o.response) for o in response.outcomes
        )

    def stream(
        self, item: Item | str, *, view: View = "ballots", deadline: float | None = None
    ) -> Generator[Event, None, None]:
        """Scores one item and tells what happens: the plan, ballots, provisional results, last the result.

        Leaving the loop early and closing the iterator stops the judges.
        """
        request = pb.StreamScoreContentRequest(request=message_of(item, view))
        call = self._scoring.StreamScoreContent(request, timeout=self._seconds(deadline))
        try:
            with translated():
                for message in call:
                    if (event := event_of(message)) is not None:
                        yield event
        finally:
            call.cancel()

    def escalate(
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
        response = self._call(self._scoring.EscalateRecord, request, deadline)
        return result_of(response.verdict)

    def reconcile(
        self, ballots: OwnBallots, *, view: View = "score", deadline: float | None = None
    ) -> Result:
        """The verdict on ballots of your own judges, by a snapshot that was fitted to them; asks nobody.

        Raises ValueError for an answer that is none of the forms of `OwnBallots.judges`.
        """
        request = reconcile_message(ballots, view)
        response = self._call(self._scoring.ReconcileBallots, request, deadline)
        return result_of(response.verdict)

    def panels(self) -> tuple[panel_pb2.Panel, ...]:
        """Every panel."""
        pages = self._pages(self._catalog.ListPanels, catalog_service_pb2.ListPanelsRequest)
        return tuple(panel for page in pages for panel in page.panels)

    def rubrics(self) -> tuple[rubric_pb2.Rubric, ...]:
        """Every rubric."""
        pages = self._pages(self._catalog.ListRubrics, catalog_service_pb2.ListRubricsRequest)
        return tuple(rubric for page in pages for rubric in page.rubrics)

    def policies(self) -> tuple[policy_pb2.Policy, ...]:
        """Every policy."""
        pages = self._pages(self._catalog.ListPolicies, catalog_service_pb2.ListPoliciesRequest)
        return tuple(policy for page in pages for policy in page.policies)

    def judges(self) -> tuple[judge_pb2.Judge, ...]:
        """Every judge."""
        pages = self._pages(self._catalog.ListJudges, catalog_service_pb2.ListJudgesRequest)
        return tuple(judge for page in pages for judge in page.judges)

    def snapshots(self) -> tuple[snapshot_pb2.Snapshot, ...]:
        """Every calibration snapshot."""
        pages = self._pages(self._catalog.ListSnapshots, catalog_service_pb2.ListSnapshotsRequest)
        return tuple(snapshot for page in pages for snapshot in page.snapshots)

    def _pages(self, method: Any, request: Callable[..., Any]) -> list[Any]:
        pages = [self._call(method, request(page_size=1000), None)]
        while token := pages[-1].next_page_token:
            pages.append(self._call(method, request(page_size=1000, page_token=token), None))
        return pages

    def _call(self, method: Callable[..., Any], request: Any, deadline: float | None) -> Any:
        with translated():
            return method(request, timeout=self._seconds(deadline))

    def _seconds(self, deadline: float | None) -> float:
        return self._deadline if deadline is None else deadline
