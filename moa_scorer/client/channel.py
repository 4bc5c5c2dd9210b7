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


def service_config() -> str:
    """The recommended service config: round robin, retry on UNAVAILABLE only, throttled."""
    return resources.files("moa_scorer.client").joinpath("service_config.json").read_text(encoding="utf-8")


def channel_options(*, retries: bool = True) -> Options:
    """Channel arguments; with `retries` off every call is tried once."""
    return (
        ("grpc.service_config", service_config()),
        ("grpc.enable_retries", int(retries)),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.initial_reconnect_backoff_ms", RECONNECT_MS),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    )


def aio_channel(
    target: str, credentials: grpc.ChannelCredentials | None = None, token: str = "", *, retries: bool = True
) -> grpc.aio.Channel:
    """A channel for asyncio; without `credentials` it is plain text."""
    options, secured = channel_options(retries=retries), _with_token(credentials, token)
    if secured is None:
        return grpc.aio.insecure_channel(target, options)
    return grpc.aio.secure_channel(target, secured, options)


def blocking_channel(
    target: str, credentials: grpc.ChannelCredentials | None = None, token: str = "", *, retries: bool = True
) -> grpc.Channel:
    """The same for threads."""
    options, secured = channel_options(retries=retries), _with_token(credentials, token)
    if secured is None:
        return grpc.insecure_channel(target, options)
    return grpc.secure_channel(target, secured, options)


def _with_token(credentials: grpc.ChannelCredentials | None, token: str) -> grpc.ChannelCredentials | None:
    """The credentials with an API key or token sent on every call; None = a plain connection.

    Without TLS a token goes to this machine only: a connection to another one fails as UNAVAILABLE.
    """
    if not token:
        return credentials
    secured = credentials or grpc.local_channel_credentials()
    return grpc.composite_channel_credentials(secured, grpc.access_token_call_credentials(token))
