"""Operators' calls to a server, and the log of what they did."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import Config, log_quietly, settings_of

if TYPE_CHECKING:
    import grpc.aio

    from moa_scorer.app.settings import Settings

PATIENCE: Final = 30.0
"""Seconds to wait for an answer."""
NO_ADDRESS: Final = "name the server's admin address with --server, or set `admin_address`"

T = TypeVar("T")


@dataclass(frozen=True)
class At:
    """Which server is meant, and how it is reached."""

    server: Annotated[
        str | None, typer.Option("--server", "-s", help="Its admin address. Default: the settings'.")
    ] = None
    authority: Annotated[
        Path | None,
        typer.Option(
            "--authority",
            exists=True,
            dir_okay=False,
            help="Who signed its certificate, PEM. Default: with TLS in the settings, their certificate.",
        ),
    ] = None
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", exists=True, dir_okay=False, help="Your certificate, PEM (mTLS)."),
    ] = None
    key: Annotated[
        Path | None, typer.Option("--key", exists=True, dir_okay=False, help="Its private key, PEM.")
    ] = None
    config: Config = None


def asked(at: At, call: Callable[[Any], Awaitable[T]]) -> T:
    """What the call to the service comes to; ends the command with a line where it cannot be made."""
    from moa_scorer.client.errors import DeadlineExceeded, ScorerError, Unreachable

    settings = settings_of(at.config)
    log_quietly(settings)
    try:
        return asyncio.run(_asked(at, settings, call))
    except (Unreachable, DeadlineExceeded) as error:
        fail(f"{at.server or settings.admin_address}: {error}", Exit.UNREACHABLE)
    except ScorerError as error:
        fail(str(error), Exit.REJECTED)


async def _asked(at: At, settings: "Settings", call: Callable[[Any], Awaitable[T]]) -> T:
    from moa_scorer.api.v1.admin_service_pb2_grpc import AdminServiceStub
    from moa_scorer.client.errors import translated

    target = at.server or settings.admin_address or fail(NO_ADDRESS, Exit.USAGE)
    async with _channel(at, settings, target) as channel:
        stub: Any = AdminServiceStub(channel)
        with translated():
            return await call(stub)


def sent(method: Any, request: Any) -> Awaitable[Any]:
    """The call of a method, with the credentials of the environment."""
    from moa_scorer.app.servers import token

    metadata = (("authorization", f"Bearer {token()}"),) if token() else ()
    return method(request, timeout=PATIENCE, metadata=metadata)  # type: ignore[no-any-return]


def _channel(at: At, settings: "Settings", target: str) -> "grpc.aio.Channel":
    import grpc
    import grpc.aio

    trusted = at.authority or settings.tls.certificate
    if trusted is None:
        return grpc.aio.insecure_channel(target)
    own = [path.read_bytes() if path else None for path in (trusted, at.key, at.certificate)]
    return grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(*own))
