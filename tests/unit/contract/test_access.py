"""Every method needs a role, and only health and reflection need none."""

import pytest

from moa_scorer.contract.access import admit, caller, calling, role_of, tenant
from moa_scorer.domain.caller import ANYONE, Caller, Role
from moa_scorer.domain.errors import Forbidden
from moa_scorer.domain.tenant import DEFAULT_TENANT, Tenant

API = "/moa_scorer.api.v1."


def of(*roles: Role) -> Caller:
    return Caller(name="c", tenant=Tenant("acme"), roles=frozenset(roles))


@pytest.mark.parametrize(
    ("method", "role"),
    [
        (f"{API}ScoringService/ScoreContent", Role.SCORE),
        (f"{API}RecordService/GetRecord", Role.AUDIT),
        (f"{API}RecordService/DeleteRecords", Role.ERASE),
        (f"{API}JobService/StartBackfill", Role.JOBS),
        (f"{API}JobService/StartCalibration", Role.ADMIN),
        ("/google.longrunning.Operations/CancelOperation", Role.JOBS),
        (f"{API}SomethingNew/Do", Role.ADMIN),
        ("/grpc.health.v1.Health/Check", None),
        ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", None),
    ],
)
def test_a_method_needs_the_role_that_the_table_says_and_an_unlisted_one_needs_admin(
    method: str, role: Role | None
) -> None:
    assert role_of(method) is role


def test_a_caller_with_the_role_or_admin_is_admitted_and_nobody_else() -> None:
    method = f"{API}RecordService/DeleteRecords"
    admit(of(Role.ERASE), method)
    admit(of(Role.ADMIN), method)
    with pytest.raises(Forbidden, match="erase"):
        admit(of(Role.SCORE, Role.AUDIT), method)


def test_the_caller_holds_inside_and_no_longer() -> None:
    assert (caller(), tenant()) == (ANYONE, DEFAULT_TENANT)
    with calling(of(Role.SCORE)):
        assert tenant() == "acme"
    assert tenant() == DEFAULT_TENANT
