"""How channels are opened: the service config that callers should use, keepalive, message limits."""

from importlib import resources
from typing import Final

import grpc
import grpc.aio

DEFAULT_TARGET: Final = "127.0.0.1:50051"
DEFAULT_DEADLINE: Final = 30.0
"""Seconds."""
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024

KEEPALIVE_MS: Final = 60_000
RECONNECT_MS: Final = 100
"""Before the second attempt to connect: retries of calls would not outlast the library's own second."""

Options = tuple[tuple[str, str | int], ...]
BARE: Final[Options] = (
    ("grpc.keepalive_time_ms", KEEPALIVE_MS),
    ("grpc.initial_reconnect_backoff_ms", RECONNECT_MS),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
)
"""Channel arguments without the service config, which waits for a healthy ScoringService: operators ask other
services, and servers that are not healthy."""


def service_config() -> str:
    """The recommended service config: round robin, retry on UNAVAILABLE only, throttled."""
    return resources.files("moa_scorer.client").joinpath("service_config.json").read_text(encoding="utf-8")


def channel_options(*, retries: bool = True) -> Options:
    """Channel arguments of callers; with `retries` off every call is tried once."""
    return (("grpc.service_config", service_config()), ("grpc.enable_retries", int(retries)), *BARE)


def aio_channel(
    target: str,
    credentials: grpc.ChannelCredentials | None = None,
    token: str = "",
    options: Options | None = None,
) -> grpc.aio.Channel:
    """A channel for asyncio, with `channel_options` unless told others.

    Without `credentials` it is plain text.
    """
    told, secured = channel_options() if options is None else options, _with_token(credentials, token)
    if secured is None:
        return grpc.aio.insecure_channel(target, told)
    return grpc.aio.secure_channel(target, secured, told)


def blocking_channel(
    target: str,
    credentials: grpc.ChannelCredentials | None = None,
    token: str = "",
    options: Options | None = None,
) -> grpc.Channel:
    """The same for threads."""
    told, secured = channel_options() if options is None else options, _with_token(credentials, token)
    if secured is None:
        return grpc.insecure_channel(target, told)
    return grpc.secure_channel(target, secured, told)


def _with_token(credentials: grpc.ChannelCredentials | None, token: str) -> grpc.ChannelCredentials | None:
    """The credentials with an API key or token sent on every call; None = a plain connection.

    Without TLS a token goes to this machine only: a connection to another one fails as UNAVAILABLE.
    """
    if not token:
        return credentials
    secured = credentials or grpc.local_channel_credentials()
    return grpc.composite_channel_credentials(secured, grpc.access_token_call_credentials(token))
