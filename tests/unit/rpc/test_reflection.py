"""Reflection finds methods, and the service that it is itself."""

import pytest
from google.protobuf import descriptor_pb2

from moa_scorer.api.v1 import scoring_service_pb2
from moa_scorer.rpc import server  # noqa: F401 - loads every service
from moa_scorer.rpc.reflection import V1, V1ALPHA, MethodPool

POOL = MethodPool()


@pytest.mark.parametrize(
    ("symbol", "file"),
    [
        ("moa_scorer.api.v1.ScoringService", "moa_scorer/api/v1/scoring_service.proto"),
        ("moa_scorer.api.v1.ScoringService.ScoreContent", "moa_scorer/api/v1/scoring_service.proto"),
        ("moa_scorer.api.v1.Content", "moa_scorer/api/v1/content.proto"),
        ("moa_scorer.api.v1.CatalogService.GetPanel", "moa_scorer/api/v1/catalog_service.proto"),
        ("grpc.health.v1.Health.Check", "grpc_health/v1/health.proto"),
        (V1, "grpc_reflection/v1/reflection.proto"),
        (f"{V1}.ServerReflectionInfo", "grpc_reflection/v1/reflection.proto"),
        (V1ALPHA, "grpc_reflection/v1alpha/reflection.proto"),
    ],
)
def test_services_methods_and_messages_are_found(symbol: str, file: str) -> None:
    assert POOL.FindFileContainingSymbol(symbol).name == file
    assert POOL.FindFileByName(file).name == file


@pytest.mark.parametrize("symbol", ["", ".", "nope", "moa_scorer.api.v1.ScoringService.Nope", "a.b", "é"])
def test_an_unknown_symbol_is_a_key_error(symbol: str) -> None:
    with pytest.raises(KeyError):
        POOL.FindFileContainingSymbol(symbol)


def test_the_rest_is_the_default_pool() -> None:
    message = POOL.FindMessageTypeByName("moa_scorer.api.v1.ScoreContentRequest")
    assert message is scoring_service_pb2.ScoreContentRequest.DESCRIPTOR
    assert list(POOL.FindAllExtensions(message)) == []
    with pytest.raises(KeyError):
        POOL.FindExtensionByNumber(message, 1)


def test_fields_are_described_with_their_json_names() -> None:
    file = descriptor_pb2.FileDescriptorProto()
    POOL.FindFileContainingSymbol("moa_scorer.api.v1.ScoreContentRequest").CopyToProto(file)
    request = next(message for message in file.message_type if message.name == "ScoreContentRequest")
    assert {f.name: f.json_name for f in request.field}["latency_budget"] == "latencyBudget"
