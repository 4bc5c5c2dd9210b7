"""`moa-scorer health`."""

from typing import Annotated, Any

import typer

from moa_scorer.app.cli.exits import Exit, fail
from moa_scorer.app.cli.options import Config, settings_of


def health(
    address: Annotated[
        str | None, typer.Option("--address", "-a", help="host:port of the server. Default: the settings'.")
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.05, help="Seconds.")] = 2.0,
    config: Config = None,
) -> None:
    """Asks a server whether it is serving: exit 0 when it is, 4 when it is not or cannot be reached.

    With TLS it trusts the settings' own certificate. Where callers need a certificate (mTLS) it has none to
    show: ask /readyz at `metrics_address` instead, as the container's health check does.
    """
    settings = settings_of(config)
    target = address or _reachable(settings.address)
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    certificate = settings.tls.certificate
    if certificate is None:
        channel = grpc.insecure_channel(target)
    else:
        channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(certificate.read_bytes()))
    try:
        with channel:
            request = health_pb2.HealthCheckRequest()
            stub: Any = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(request, timeout=timeout)
    except grpc.RpcError as error:
        fail(f"{target}: {error.code().name.lower()}", Exit.UNREACHABLE)
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        fail(f"{target}: not serving", Exit.UNREACHABLE)
    typer.echo(f"{target}: serving")


def _reachable(address: str) -> str:
    """Where to ask a server that listens on every address."""
    host, _, port = address.rpartition(":")
    return f"localhost:{port}" if host in ("0.0.0.0", "[::]") else address
