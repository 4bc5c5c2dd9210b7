"""OPERATIONS tells of roles what the one place that asks for them holds."""

import re
from pathlib import Path

import pytest

from moa_scorer.api.v1 import (
    admin_service_pb2,
    catalog_service_pb2,
    feedback_service_pb2,
    job_service_pb2,
    record_service_pb2,
    scoring_service_pb2,
)
from moa_scorer.contract.access import role_of
from moa_scorer.domain.caller import Role

PAGE = Path(__file__).resolve().parents[3] / "deploy" / "OPERATIONS.md"
SERVICES = [
    service
    for module in (
        admin_service_pb2,
        catalog_service_pb2,
        feedback_service_pb2,
        job_service_pb2,
        record_service_pb2,
        scoring_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
]
METHODS = [f"{service.name}/{method.name}" for service in SERVICES for method in service.methods]


def told() -> dict[str, str]:
    """Start of a method -> the role in the table."""
    rows = re.findall(
        r"^\| `?(score|rate|audit|erase|jobs|admin|none)`? \| (.*?) \|",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {start: role for role, methods in rows for start in re.findall(r"`([A-Z]\w*(?:/\w+)?)`", methods)}


@pytest.mark.parametrize("method", METHODS)
def test_the_table_of_roles_tells_the_role_of_every_method(method: str) -> None:
    starts = told()
    role = starts.get(method) or starts[method.partition("/")[0]]

    assert role_of(f"/moa_scorer.api.v1.{method}") is Role(role)


def test_every_role_has_a_row() -> None:
    assert set(Role) <= set(told().values())
