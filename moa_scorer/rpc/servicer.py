"""The gRPC services: each method is one call."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio

from moa_scorer.api.v1 import catalog_service_pb2 as catalog_pb
from moa_scorer.api.v1 import scoring_service_pb2 as scoring_pb
from moa_scorer.api.v1.catalog_service_pb2_grpc import CatalogServiceServicer
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceServicer
from moa_scorer.contract import calls, lookups
from moa_scorer.contract.escalate import escalate_record
from moa_scorer.contract.limits import LIMITS, Limits
from moa_scorer.contract.repeats import Repeats
from moa_scorer.contract.score_pipeline import score_pipeline
from moa_scorer.scoring.pipeline import Pipeline

Context = grpc.aio.ServicerContext[Any, Any]


class ScoringServicer(ScoringServiceServicer):
    """Scores content with a pipeline."""

    def __init__(self, pipeline: Pipeline, draining: asyncio.Event, limits: Limits = LIMITS) -> None:
        self._pipeline = pipeline
        self._draining = draining
        self._limits = limits
        self._repeats = Repeats(pipeline)

    async def ScoreContent(
        self, request: scoring_pb.ScoreContentRequest, context: Context
    ) -> scoring_pb.ScoreContentResponse:
        return await calls.score_content(
            self._pipeline, request, context.time_remaining(), self._limits, self._repeats
        )

    async def BatchScoreContents(
        self, request: scoring_pb.BatchScoreContentsRequest, context: Context
    ) -> scoring_pb.BatchScoreContentsResponse:
        return await calls.batch_score_contents(
            self._pipeline, request, context.time_remaining(), self._limits
        )

    def StreamScoreContent(
        self, request: scoring_pb.StreamScoreContentRequest, context: Context
    ) -> AsyncIterator[scoring_pb.StreamScoreContentResponse]:
        return calls.stream_score_content(self._pipeline, request, context.time_remaining(), self._limits)

    def ScorePipeline(
        self, request_iterator: AsyncIterator[scoring_pb.ScorePipelineRequest], context: Context
    ) -> AsyncIterator[scoring_pb.ScorePipelineResponse]:
        return score_pipeline(
            self._pipeline, request_iterator, context.time_remaining, self._draining.wait(), self._limits
        )

    async def EscalateRecord(
        self, request: scoring_pb.EscalateRecordRequest, context: Context
    ) -> scoring_pb.EscalateRecordResponse:
        return await escalate_record(self._pipeline, request, context.time_remaining(), self._limits)

    async def ReconcileBallots(
        self, request: scoring_pb.ReconcileBallotsRequest, context: Context
    ) -> scoring_pb.ReconcileBallotsResponse:
        return await calls.reconcile_ballots(self._pipeline, request, context.time_remaining(), self._limits)


class CatalogServicer(CatalogServiceServicer):
    """Tells what is configured at this instant."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def GetPanel(self, request: catalog_pb.GetPanelRequest, _: Context) -> catalog_pb.GetPanelResponse:
        return lookups.get_panel(self._pipeline.catalog, request)

    async def ListPanels(
        self, request: catalog_pb.ListPanelsRequest, _: Context
    ) -> catalog_pb.ListPanelsResponse:
        return lookups.list_panels(self._pipeline.catalog, request)

    async def GetRubric(
        self, request: catalog_pb.GetRubricRequest, _: Context
    ) -> catalog_pb.GetRubricResponse:
        return lookups.get_rubric(self._pipeline.catalog, request)

    async def ListRubrics(
        self, request: catalog_pb.ListRubricsRequest, _: Context
    ) -> catalog_pb.ListRubricsResponse:
        return lookups.list_rubrics(self._pipeline.catalog, request)

    async def GetPolicy(
        self, request: catalog_pb.GetPolicyRequest, _: Context
    ) -> catalog_pb.GetPolicyResponse:
        return lookups.get_policy(self._pipeline.catalog, request)

    async def ListPolicies(
        self, request: catalog_pb.ListPoliciesRequest, _: Context
    ) -> catalog_pb.ListPoliciesResponse:
        return lookups.list_policies(self._pipeline.catalog, request)

    async def GetJudge(self, request: catalog_pb.GetJudgeRequest, _: Context) -> catalog_pb.GetJudgeResponse:
        return lookups.get_judge(self._pipeline.catalog, request)

    async def ListJudges(
        self, request: catalog_pb.ListJudgesRequest, _: Context
    ) -> catalog_pb.ListJudgesResponse:
        return lookups.list_judges(self._pipeline.catalog, request)

    async def GetSnapshot(
        self, request: catalog_pb.GetSnapshotRequest, _: Context
    ) -> catalog_pb.GetSnapshotResponse:
        return lookups.get_snapshot(self._pipeline.catalog, request)

    async def ListSnapshots(
        self, request: catalog_pb.ListSnapshotsRequest, _: Context
    ) -> catalog_pb.ListSnapshotsResponse:
        return lookups.list_snapshots(self._pipeline.catalog, request)
