"""The gRPC service of records: each method is one call."""

from typing import Any

import grpc.aio

from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.api.v1.record_service_pb2_grpc import RecordServiceServicer
from moa_scorer.contract import records
from moa_scorer.scoring.artefacts import Artefacts
from moa_scorer.scoring.pipeline import Pipeline

Context = grpc.aio.ServicerContext[Any, Any]


class RecordServicer(RecordServiceServicer):
    """Shows, explains, replays and deletes what a pipeline has kept."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._artefacts = Artefacts(lambda: pipeline.catalog, pipeline.memory.artefacts)

    async def GetRecord(self, request: pb.GetRecordRequest, _: Context) -> pb.GetRecordResponse:
        return await records.get_record(self._pipeline.memory, request)

    async def ListRecords(self, request: pb.ListRecordsRequest, _: Context) -> pb.ListRecordsResponse:
        return await records.list_records(self._pipeline.memory, request)

    async def DeleteRecords(self, request: pb.DeleteRecordsRequest, _: Context) -> pb.DeleteRecordsResponse:
        return await records.delete_records(self._pipeline.memory, request)

    async def ReplayRecord(self, request: pb.ReplayRecordRequest, _: Context) -> pb.ReplayRecordResponse:
        return await records.replay_record(self._pipeline.memory, self._artefacts, request)

    async def ExplainRecord(self, request: pb.ExplainRecordRequest, _: Context) -> pb.ExplainRecordResponse:
        return await records.explain_record(self._pipeline.memory, request)
