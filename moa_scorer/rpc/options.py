"""How the transport of a server behaves."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How the transport behaves."""

    message_bytes: int = 16 * 1024 * 1024
    """Largest message either way: above the application's limits, which answer with words."""
    share_port: bool = False
    """Whether other processes may bind the same port (one worker process per core)."""
    keepalive_seconds: float = 60.0
    """A silent connection is pinged this often."""
    keepalive_timeout_seconds: float = 20.0
    """A ping unanswered for this long closes the connection."""
    least_client_ping_seconds: float = 10.0
    """Clients that ping more often than this are told to stop."""
    connection_age_seconds: float = 0.0
    """A connection this old is asked to end, give or take a tenth; 0 = never."""
    connection_age_grace_seconds: float = 330.0
    """Calls on it may take so much longer."""
    connection_idle_seconds: float = 0.0
    """A connection without a call for so long is ended; 0 = never."""
    handshake_seconds: float = 20.0
    """A connection that has not begun after so long is closed."""
    connections: int = 10_000
    """Open at once; more are closed as they come."""
    streams: int = 1_000
    """Calls at once on one connection; its further ones wait at the client."""
    metadata_bytes: int = 16 * 1024
    """Largest metadata of a call; above it the call fails with RESOURCE_EXHAUSTED."""
    reflection: bool = True
    """Whether the services describe themselves to tools such as grpcurl."""

    def channel_arguments(self) -> list[tuple[str, int]]:
        """The same as gRPC's own options."""
        return [
            ("grpc.max_receive_message_length", self.message_bytes),
            ("grpc.max_send_message_length", self.message_bytes),
            ("grpc.so_reuseport", int(self.share_port)),
            ("grpc.keepalive_time_ms", round(self.keepalive_seconds * 1e3)),
            ("grpc.keepalive_timeout_ms", round(self.keepalive_timeout_seconds * 1e3)),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", round(self.least_client_ping_seconds * 1e3)),
            ("grpc.max_connection_age_ms", _milliseconds(self.connection_age_seconds)),
            ("grpc.max_connection_age_grace_ms", _milliseconds(self.connection_age_grace_seconds)),
            ("grpc.max_connection_idle_ms", _milliseconds(self.connection_idle_seconds)),
            ("grpc.server_handshake_timeout_ms", _milliseconds(self.handshake_seconds)),
            ("grpc.max_allowed_incoming_connections", self.connections),
            ("grpc.max_concurrent_streams", self.streams),
            ("grpc.max_metadata_size", self.metadata_bytes),
            ("grpc.absolute_max_metadata_size", self.metadata_bytes),
        ]


_NEVER: Final = 2**31 - 1
"""What the transport takes for "never"."""


def _milliseconds(seconds: float) -> int:
    return min(round(seconds * 1e3), _NEVER) or _NEVER


DEFAULT_OPTIONS: Final = ServerOptions()
