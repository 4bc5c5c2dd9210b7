"""What is configured of an endpoint: frozen values, read from files by the composition."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Wire(StrEnum):
    """The form of requests and replies."""

    OPENAI = "openai"
    """Chat completions as of OpenAI; spoken by Azure, Together, Groq, OpenRouter, vLLM, Ollama, llama.cpp."""
    ANTHROPIC = "anthropic"
    """Messages as of Anthropic."""
    GEMINI = "gemini"
    """generateContent as of Google."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """Where a secret stands; the secret itself is read when a request is sent, and is never kept or shown."""

    env: str = ""
    """Name of an environment variable."""
    file: Path | None = None
    """A file whose content, without white space at its ends, is the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an endpoint can, apart from the wire code. The cautious default asks for nothing special."""

    json_schema: bool = False
    """Enforces a JSON schema on replies."""
    json_mode: bool = False
    """Enforces that replies are JSON objects."""
    top_logprobs: int = 0
    """Alternatives a token that it returns at most; 0 = no log-probabilities."""
    samples: int = 1
    """Samples that one request may ask for (`n`)."""
    seed: bool = False
    """Honours seeds."""
    temperature: bool = True
    """Takes a temperature; some reasoning models refuse one."""
    max_completion_tokens: bool = False
    """Wants `max_completion_tokens` in place of `max_tokens`."""
    cache_control: bool = False
    """Wants the static part of a prompt marked for its cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How hard an endpoint may be asked. Rates and concurrency are of all workers together."""

    requests_per_minute: int | None = None
    """None = no limit."""
    tokens_per_minute: int | None = None
    """Input and output; None = no limit."""
    concurrency: int = 64
    """Requests in flight at most; adaptive below that."""
    queue: int = 256
    """Requests that may wait for their turn; one more is refused at once."""
    attempts: int = 3
    """Sends of one request at most, the first included; 1 = no retries."""
    retry_share: float = 0.10
    """Retries as a share of all first sends, at most."""
    hedge: bool = True
    """Whether a second request is sent when the first is slower than 95 % of them."""
    hedge_share: float = 0.05
    """Hedges as a share of all first sends, at most."""
    timeout: float = 60.0
    """Seconds for one send at most; the request's budget may be shorter."""
    connect_timeout: float = 5.0
    """Seconds."""
    breaker_failures: int = 10
    """Failures in a row after which the endpoint is left alone; 0 = never."""
    breaker_pause: float = 10.0
    """Seconds until one probe is let through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """One endpoint."""

    name: str
    wire: Wire
    base_url: str
    """Without a slash at its end; to it the wire adds its own path, such as `/chat/completions`."""
    key: SecretRef | None = None
    """None = it asks for none."""
    local: bool = False
    """Whether it runs on the operator's own machines."""
    capabilities: Capabilities = Capabilities()
    traffic: Traffic = Traffic()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Further headers, no secrets among them."""
    query: tuple[tuple[str, str], ...] = ()
    """Further query parameters, such as Azure's `api-version`."""
    key_header: str = ""
    """Header that carries the key, such as Azure's `api-key`; empty = the wire's own."""
    proxy: str = ""
    """URL of an HTTP proxy; empty = what HTTPS_PROXY and its like say, and for a local endpoint none."""
    ca_file: Path | None = None
    """PEM file of the certificate authorities to trust; None = the system's."""
    seconds: float = 2.0
    """What a call is expected to take before any was made."""
    redact: tuple[str, ...] = ()
    """Kinds of personal data that its models are not shown; empty = they see contents as received."""
