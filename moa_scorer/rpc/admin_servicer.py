"""The gRPC service for operators: each method is one call."""

from typing import Any

import grpc.aio

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.api.v1.admin_service_pb2_grpc import AdminServiceServicer
from moa_scorer.contract import admin
from moa_scorer.domain.admin import AdminDesk
from moa_scorer.domain.audit_log import AuditLog

Context = grpc.aio.ServicerContext[Any, Any]


class AdminServicer(AdminServiceServicer):
    """Takes operators' orders."""

    def __init__(self, desk: AdminDesk, log: AuditLog | None) -> None:
        """None = there is no database, and nothing to read in."""
        self._desk = desk
        self._log = log

    async def ListJudgeHealth(
        self, request: pb.ListJudgeHealthRequest, _: Context
    ) -> pb.ListJudgeHealthResponse:
        del request
        return await admin.list_judge_health(self._desk)

    async def QuarantineJudge(
        self, request: pb.QuarantineJudgeRequest, _: Context
    ) -> pb.QuarantineJudgeResponse:
        return await admin.quarantine_judge(self._desk, request)

    async def RestoreJudge(self, request: pb.RestoreJudgeRequest, _: Context) -> pb.RestoreJudgeResponse:
        return await admin.restore_judge(self._desk, request)

    async def ListSnapshotStates(
        self, request: pb.ListSnapshotStatesRequest, _: Context
    ) -> pb.ListSnapshotStatesResponse:
        del request
        return await admin.list_snapshot_states(self._desk)

    async def PromoteSnapshot(
        self, request: pb.PromoteSnapshotRequest, _: Context
    ) -> pb.PromoteSnapshotResponse:
        return await admin.promote_snapshot(self._desk, request)

    async def RollBackSnapshot(
        self, request: pb.RollBackSnapshotRequest, _: Context
    ) -> pb.RollBackSnapshotResponse:
        return await admin.roll_back_snapshot(self._desk, request)

    async def ReloadConfiguration(
        self, request: pb.ReloadConfigurationRequest, _: Context
    ) -> pb.ReloadConfigurationResponse:
        del request
        return await admin.reload_configuration(self._desk)

    async def DrainServer(self, request: pb.DrainServerRequest, _: Context) -> pb.DrainServerResponse:
        return await admin.drain_server(self._desk, request)

    async def ListAuditEntries(
        self, request: pb.ListAuditEntriesRequest, _: Context
    ) -> pb.ListAuditEntriesResponse:
        return await admin.list_audit_entries(self._log, request)
