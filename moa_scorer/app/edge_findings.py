"""What doctor finds at the edges of a server: its addresses, TLS, who is asked for what, its Redis."""

import errno
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Final

from moa_scorer.app.finding import Finding
from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_security import Auth
from moa_scorer.app.start_checks import ADDRESSES, ENCRYPT, clear_text_words, start_mistakes
from moa_scorer.app.tls_files import certificate_of
from moa_scorer.domain.errors import ConfigurationError

MEND: Final = "mend it; `moa-scorer check` looks again"
BUSY: Final = {
    "address": "if your server runs already, all is well: `moa-scorer health` asks it; else find who has it, "
    "or `serve --address 127.0.0.1:0` takes a free port"
}
BUSY_BESIDE: Final = (
    "if your server runs already, all is well; else find who has it, or give {key} another port"
)
REDIS_AWAY: Final = "start it, or mend {key} (MOA_SCORER_{variable})"


def start_findings(settings: Settings) -> Iterator[Finding]:
    """What `serve` would refuse to start with."""
    for mistake in start_mistakes(settings):
        yield Finding(topic="settings", state="bad", words=mistake.removeprefix("settings: "), remedy=MEND)


def security_findings(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Who is asked for what, and what encrypts it; `settings` hold no mistake that `serve` refuses."""
    yield Finding(topic="callers", state="ok", words=_asked_for(settings.auth))
    yield _tls(settings, now)


def _asked_for(auth: Auth) -> str:
    ways = {
        "API keys": auth.api_keys,
        f"tokens of {auth.jwt.issuer}" if auth.jwt else "": auth.jwt is not None,
        "client certificates": bool(auth.certificates),
    }
    asked = [words for words, on in ways.items() if on]
    return f"asked for {' or '.join(asked)}" if asked else "nobody is asked who they are: `auth` is not set"


def _tls(settings: Settings, now: datetime) -> Finding:
    if clear := clear_text_words(settings):
        return Finding(topic="tls", state="note", words="; ".join(clear), remedy=ENCRYPT)
    certificate = certificate_of(settings.tls)
    if certificate is None:
        return Finding(topic="tls", state="ok", words="none; only this machine is served")
    until = certificate.not_valid_after_utc
    words = f"{settings.tls.certificate}, valid until {until:%Y-%m-%d %H:%M} UTC"
    if until <= now:
        return Finding(
            topic="tls", state="bad", words=words, remedy="put a new one there: it is read at once"
        )
    return Finding(topic="tls", state="ok", words=words)


def address_findings(settings: Settings) -> Iterator[Finding]:
    """Whether each address can be bound now."""
    for key in ADDRESSES:
        if address := getattr(settings, key):
            yield _bound(key, address)


def _bound(key: str, address: str) -> Finding:
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], found[1]) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(found[4])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            remedy = BUSY.get(key, BUSY_BESIDE.format(key=key))
            return Finding(topic=key, state="note", words=f"{address} is in use", remedy=remedy)
        words = f"{address} cannot be bound: {error.strerror}"
        return Finding(
            topic=key, state="bad", words=words, remedy=f"name an address of this machine in {key}"
        )
    return Finding(topic=key, state="ok", words=f"{address} is free")


async def redis_findings(settings: Settings) -> AsyncIterator[Finding]:
    """Whether each Redis that would be asked answers."""
    for key, what in _redis_uses(settings).items():
        from moa_scorer.storage.redis_ping import redis_place, why_unreached

        url: str = getattr(settings, key)
        place = redis_place(url)
        try:
            why = await why_unreached(url)
        except ConfigurationError as error:
            why = str(error)
        remedy = REDIS_AWAY.format(key=key, variable=key.upper()) if why else ""
        words = f"{place} does not answer: {why}; it would keep {what}" if why else f"{place} keeps {what}"
        yield Finding(topic=key, state="bad" if why else "ok", words=words, remedy=remedy)


def _redis_uses(settings: Settings) -> dict[str, str]:
    """Setting -> what is kept there."""
    uses = {"redis_url": ["answers"] if settings.redis_url and settings.cache else [], "quota_redis_url": []}
    if settings.quotas and settings.ledger_url:
        uses["quota_redis_url" if settings.quota_redis_url else "redis_url"].append("quotas")
    return {key: " and ".join(kept) for key, kept in uses.items() if kept}
