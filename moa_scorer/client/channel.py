"""How channels are opened: the service config that callers should use, keepalive, message limits."""

from importlib import resources
from typing import Final

DEFAULT_TARGET: Final = "127.0.0.1:50051"
DEFAULT_DEADLINE: Final = 30.0
"""Seconds."""
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024

KEEPALIVE_MS: Final = 60_000

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
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    )
