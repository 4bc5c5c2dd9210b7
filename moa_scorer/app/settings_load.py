"""Settings of how much a server takes on, and how long connections last."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from moa_scorer.domain.priority import Priority
from moa_scorer.domain.tenant import Tenant
from moa_scorer.rpc.options import ServerOptions
from moa_scorer.scoring.door import Load as Taken

Age = Annotated[float, Field(ge=0, le=7 * 86_400, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Load(_Part):
    """Beyond these an item waits, and then is turned away with OVERLOADED; each worker counts for itself."""

    most: int = Field(default=1_000, ge=1, le=100_000, description="items at work at once, at most")
    queue: int = Field(default=1_000, ge=0, le=100_000, description="items that may wait for a place")
    target_delay: float = Field(
        default=0.05,
        ge=0.005,
        le=5,
        allow_inf_nan=False,
        description="seconds that work may wait for processor and threads before less is begun at once",
    )
    classes: dict[str, Literal["interactive", "batch", "backfill"]] = Field(
        default_factory=dict, description="tenant, or * for the others -> best class that its items may have"
    )

    def taken(self) -> Taken:
        """The same, as scoring knows it."""
        classes = {Tenant(name): Priority[word.upper()] for name, word in self.classes.items()}
        return Taken(most=self.most, queue=self.queue, target=self.target_delay, classes=classes)


class Connections(_Part):
    """How connections are kept and ended."""

    age: Age = Field(
        default=900.0,
        description="seconds after which a connection is asked to end, so that callers spread anew; 0: never",
    )
    age_grace: Age = Field(
        default=330.0, description="seconds that calls on it may still take; longer than a pipeline's call"
    )
    idle: Age = Field(default=900.0, description="seconds without a call after which one is ended; 0: never")
    handshake: float = Field(
        default=20.0, ge=0.1, le=600, allow_inf_nan=False, description="seconds for a connection to begin"
    )
    keepalive: float = Field(
        default=60.0, ge=10, le=86_400, allow_inf_nan=False, description="seconds between pings"
    )
    keepalive_timeout: float = Field(
        default=20.0, ge=1, le=600, allow_inf_nan=False, description="seconds that a ping may go unanswered"
    )
    least_client_ping: float = Field(
        default=10.0, ge=1, le=3_600, allow_inf_nan=False, description="seconds between a client's own pings"
    )
    most: int = Field(default=10_000, ge=1, le=1_000_000, description="connections at once, a worker")
    streams: int = Field(default=1_000, ge=1, le=100_000, description="calls at once on one connection")
    metadata_bytes: int = Field(
        default=16 * 1024, ge=1_024, le=1024 * 1024, description="bytes of a call's metadata"
    )

    def options(self, *, share_port: bool, reflection: bool) -> ServerOptions:
        """The same, as the transport takes them."""
        return ServerOptions(
            share_port=share_port,
            reflection=reflection,
            keepalive_seconds=self.keepalive,
            keepalive_timeout_seconds=self.keepalive_timeout,
            least_client_ping_seconds=self.least_client_ping,
            connection_age_seconds=self.age,
            connection_age_grace_seconds=self.age_grace,
            connection_idle_seconds=self.idle,
            handshake_seconds=self.handshake,
            connections=self.most,
            streams=self.streams,
            metadata_bytes=self.metadata_bytes,
        )
