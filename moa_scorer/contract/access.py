"""Which role each method needs, and the one place that asks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Final

from moa_scorer.domain.caller import ANYONE, Caller, Role
from moa_scorer.domain.errors import Forbidden
from moa_scorer.domain.tenant import Tenant

_API: Final = "/moa_scorer.api.v1."
CALIBRATING: Final = f"{_API}JobService/StartCalibration"
_OPEN: Final = ("/grpc.health.v1.Health/", "/grpc.reflection.")
"""Services that tell nothing about anybody: probes carry no credentials."""
_ROLES: Final[Mapping[str, Role]] = {
    f"{_API}ScoringService/": Role.SCORE,
    f"{_API}CatalogService/": Role.SCORE,
    f"{_API}FeedbackService/": Role.RATE,
    f"{_API}RecordService/DeleteRecords": Role.ERASE,
    f"{_API}RecordService/": Role.AUDIT,
    CALIBRATING: Role.ADMIN,  # what it promotes serves every tenant
    f"{_API}JobService/": Role.JOBS,
    "/google.longrunning.Operations/": Role.JOBS,
    f"{_API}AdminService/": Role.ADMIN,
}
"""Start of a method's path -> its role; the first that fits holds."""

_CALLER: ContextVar[Caller] = ContextVar("caller", default=ANYONE)


@cache
def role_of(method: str) -> Role | None:
    """The role that a method (`/package.Service/Method`) needs; None = none. ADMIN for one not listed."""
    if method.startswith(_OPEN):
        return None
    return next((role for start, role in _ROLES.items() if method.startswith(start)), Role.ADMIN)


def admit(caller: Caller, method: str) -> None:
    """Raises Forbidden when the caller may not call the method."""
    role = role_of(method)
    if role is not None and not caller.may(role):
        raise Forbidden(role)


@contextmanager
def calling(caller: Caller) -> Iterator[None]:
    """Everything inside, tasks that it starts included, is done for this caller."""
    token = _CALLER.set(caller)
    try:
        yield
    finally:
        _CALLER.reset(token)


def caller() -> Caller:
    """Whom the work at hand is done for."""
    return _CALLER.get()


def tenant() -> Tenant:
    """Whose request this is: part of every key and every query."""
    return _CALLER.get().tenant
