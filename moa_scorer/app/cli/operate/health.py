"""`moa-scorer health`."""

from typing import Annotated, Any

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import Config, at_server, settings_of


def health(
    server: Annotated[str | None, at_server("Which one. Default: the settings'.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.05, help="Seconds.")] = 2.0,
    config: Config = None,
) -> None:
    """Asks a server whether it is serving: exit 0 when it is, 4 when it is not or cannot be reached.

    With TLS it trusts the authority in MOA_SCORER_AUTHORITY, else the settings' own certificate. Where
    callers need a certificate (mTLS) it shows the one in MOA_SCORER_CERTIFICATE; without one, ask /readyz at
    `metrics_address`, as the container's health check does.
    """
    settings = settings_of(config)
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    from moa_scorer.app.servers import own_address, way_by
    from moa_scorer.client.channel import blocking_channel
    from moa_scorer.client.hints import mended

    target = server or own_address(settings.address)
    with told():
        way = way_by(settings)
    try:
        with blocking_channel(target, way.credentials, options=way.options) as channel:
            request = health_pb2.HealthCheckRequest()
            stub: Any = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(request, timeout=timeout)
    except grpc.RpcError as error:
        why = mended(error.details() or "")
        fail(f"{target}: {error.code().name.lower()}: {why}", Exit.UNREACHABLE)
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        fail(f"{target}: not serving", Exit.UNREACHABLE)
    typer.echo(f"{target}: serving")
