"""The wire forms by name."""

from typing import Final

from moa_scorer.providers import anthropic, gemini, openai
from moa_scorer.providers.spec import Wire
from moa_scorer.providers.wire import WireFormat

_FORMATS: Final[dict[Wire, WireFormat]] = {
    Wire.OPENAI: openai,
    Wire.ANTHROPIC: anthropic,
    Wire.GEMINI: gemini,
}


def wire_format(wire: Wire) -> WireFormat:
    """The form of this name."""
    return _FORMATS[wire]
