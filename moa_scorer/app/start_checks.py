"""What keeps a server from starting, found before anything is loaded, for `serve`, `check` and `doctor`."""

from collections.abc import Iterator
from typing import Final

from moa_scorer.app.security import security_mistakes
from moa_scorer.app.serving.tracing import tracing_mistakes
from moa_scorer.app.settings import Settings, is_loopback
from moa_scorer.app.tls_files import file_mistakes
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.telemetry import events

ADDRESSES: Final = ("address", "admin_address", "metrics_address")
"""Settings of what a server listens on."""
IN_CLEAR_TEXT: Final = "API keys and tokens reach {key} {address} in clear text"
ENCRYPT: Final = "set tls.certificate and tls.key, unless a proxy before it ends TLS"


def start_mistakes(settings: Settings) -> Iterator[str]:
    """A line for each, with its setting; nothing is bound and nobody is asked."""
    yield from security_mistakes(settings)
    yield from file_mistakes(settings)
    yield from tracing_mistakes(settings.otel)
    yield from _shared_addresses(settings)


def check_start(settings: Settings) -> None:
    """Raises ConfigurationError with all of them; warns of what may not be meant."""
    if mistakes := tuple(start_mistakes(settings)):
        raise ConfigurationError(mistakes)
    for address in in_clear_text(settings).values():
        events.credentials_in_clear_text(address=address)


def clear_text_words(settings: Settings) -> tuple[str, ...]:
    """A line for each of the addresses of `in_clear_text`."""
    found = in_clear_text(settings).items()
    return tuple(IN_CLEAR_TEXT.format(key=key, address=address) for key, address in found)


def in_clear_text(settings: Settings) -> dict[str, str]:
    """Setting -> address, where credentials come from other machines over connections without TLS.

    That is no mistake where a proxy ends TLS before it, which no setting tells.
    """
    if settings.auth.open or settings.tls.certificate is not None:
        return {}
    listened = {"address": settings.address, "admin_address": settings.admin_address}
    return {key: address for key, address in listened.items() if address and not is_loopback(address)}


def _shared_addresses(settings: Settings) -> Iterator[str]:
    """Two of the addresses that are one; port 0 is another port each time."""
    taken: dict[str, str] = {}
    for key in ADDRESSES:
        address: str = getattr(settings, key)
        if not address or address.endswith(":0"):
            continue
        if address in taken:
            yield f"settings: {key}: is the same as {taken[address]} ({address}); give it a port of its own"
        taken.setdefault(address, key)
