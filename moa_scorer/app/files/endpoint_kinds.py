"""What is known of each kind of endpoint, so that a file need only say where it differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from moa_scorer.providers import capabilities
from moa_scorer.providers.spec import Capabilities, Traffic, Wire


class Kind(StrEnum):
    """Whose server it is."""

    OPENAI = "openai"
    AZURE = "azure"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    TOGETHER = "together"
    GROQ = "groq"
    OPENROUTER = "openrouter"
    VLLM = "vllm"
    OLLAMA = "ollama"
    LLAMA_CPP = "llama_cpp"
    PLAIN = "plain"
    """Speaks OpenAI's form, and nothing more is known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What holds for a kind unless the file says otherwise."""

    wire: Wire = Wire.OPENAI
    base_url: str = ""
    """Empty = the file must say it."""
    key_env: str = ""
    """Variable in which the vendor's own tools look for the key; empty = it asks for none."""
    key_header: str = ""
    own: bool = False
    """Whether such a server on this machine is taken for the operator's own. A vendor's is not, whatever its
    address: a proxy on this machine may stand before it."""
    capabilities: Capabilities = field(default_factory=Capabilities)
    traffic: Traffic = field(default_factory=Traffic)
    seconds: float = 3.0
    """What a call is expected to take before any was made."""


_PATIENT: Final = Traffic(concurrency=8, timeout=120.0)
"""For a server on a machine of one's own: few slots, long queues of its own, no bill."""
_ONE_SLOT: Final = Traffic(concurrency=1, timeout=300.0, hedge=False)
"""For a server that works on one prompt at a time: a second request would only wait behind the first."""

PRESETS: Final[Mapping[Kind, Preset]] = MappingProxyType(
    {
        Kind.OPENAI: Preset(
            base_url="https://api.openai.com/v1",
            key_env="OPENAI_API_KEY",
            capabilities=capabilities.OPENAI,
        ),
        Kind.AZURE: Preset(
            key_env="AZURE_OPENAI_API_KEY",
            key_header="api-key",
            capabilities=capabilities.AZURE,
        ),
        Kind.ANTHROPIC: Preset(
            wire=Wire.ANTHROPIC,
            base_url="https://api.anthropic.com/v1",
            key_env="ANTHROPIC_API_KEY",
            capabilities=capabilities.ANTHROPIC,
        ),
        Kind.GEMINI: Preset(
            wire=Wire.GEMINI,
            base_url="https://generativelanguage.googleapis.com/v1beta",
            key_env="GEMINI_API_KEY",
            capabilities=capabilities.GEMINI,
        ),
        Kind.TOGETHER: Preset(
            base_url="https://api.together.xyz/v1",
            key_env="TOGETHER_API_KEY",
            capabilities=capabilities.TOGETHER,
        ),
        Kind.GROQ: Preset(
            base_url="https://api.groq.com/openai/v1",
            key_env="GROQ_API_KEY",
            capabilities=capabilities.GROQ,
        ),
        Kind.OPENROUTER: Preset(
            base_url="https://openrouter.ai/api/v1",
            key_env="OPENROUTER_API_KEY",
            capabilities=capabilities.OPENROUTER,
        ),
        Kind.VLLM: Preset(
            base_url="http://127.0.0.1:8000/v1",
            own=True,
            capabilities=capabilities.VLLM,
            traffic=Traffic(timeout=120.0),
        ),
        Kind.OLLAMA: Preset(
            base_url="http://127.0.0.1:11434/v1",
            own=True,
            capabilities=capabilities.OLLAMA,
            traffic=_PATIENT,
            seconds=10.0,
        ),
        Kind.LLAMA_CPP: Preset(
            base_url="http://127.0.0.1:8080/v1",
            own=True,
            capabilities=capabilities.LLAMA_CPP,
            traffic=_ONE_SLOT,
            seconds=10.0,
        ),
        Kind.PLAIN: Preset(capabilities=capabilities.PLAIN),
    }
)
