"""Operators' calls to a server."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from moa_scorer.app.cli.exits import Exit, fail, told_of_server
from moa_scorer.app.cli.options import Config, at_server, log_quietly, settings_of

if TYPE_CHECKING:
    from moa_scorer.app.settings import Settings

PATIENCE: Final = 30.0
"""Seconds to wait for an answer."""
NO_ADDRESS: Final = "name the server's admin address with --server, or set `admin_address`"


@dataclass(frozen=True)
class At:
    """Which server is meant."""

    server: Annotated[str | None, at_server("Its admin address. Default: the settings'.")] = None
    config: Config = None


def asked(at: At, method: str, request: Any) -> Any:
    """What AdminService's method answers; ends the command with a line where it cannot be called."""
    from moa_scorer.app.servers import own_address

    settings = settings_of(at.config)
    log_quietly(settings)
    target = at.server or own_address(settings.admin_address) or fail(NO_ADDRESS, Exit.USAGE)
    with told_of_server(target):
        return asyncio.run(_asked(target, settings, method, request))


async def _asked(target: str, settings: "Settings", method: str, request: Any) -> Any:
    from moa_scorer.api.v1.admin_service_pb2_grpc import AdminServiceStub
    from moa_scorer.app.servers import token, way_by
    from moa_scorer.client.channel import aio_channel
    from moa_scorer.client.errors import translated

    way = way_by(settings)
    async with aio_channel(target, way.credentials, token(), way.options) as channel:
        call: Any = getattr(AdminServiceStub(channel), method)
        with translated():
            return await call(request, timeout=PATIENCE)
