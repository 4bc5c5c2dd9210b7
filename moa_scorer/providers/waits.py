"""How long a vendor asks to wait before the next try, in the several ways in which vendors say so."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = 86_400.0
"""Seconds; a longer wait is taken for nonsense and cut to this."""
_UNITS: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)")
_KINDS: Final = ("requests", "tokens", "input-tokens", "output-tokens")
_LEFT: Final = tuple(
    name
    for kind in _KINDS
    for name in (f"x-ratelimit-remaining-{kind}", f"anthropic-ratelimit-{kind}-remaining")
)


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds >= 0 that the headers of a failed call ask for; None when they ask for nothing.

    In this order: `retry-after-ms`, `retry-after` (seconds or a date, RFC 9110 section 10.2.3), then the
    resets of the limits that are used up: `x-ratelimit-*` as of OpenAI and Groq, `anthropic-ratelimit-*`.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _sane(milliseconds / 1000)
    now = _instant(headers.get("date"))
    if (wait := _seconds_or_date(headers.get("retry-after"), now)) is not None:
        return wait
    resets = [_reset(headers, kind, now) for kind in _KINDS]
    return max((reset for reset in resets if reset is not None), default=None)


def used_up(headers: Mapping[str, str]) -> float | None:
    """Seconds until the limits open again that a call has used up, though it succeeded itself; None when
    something of all of them is left."""
    if not any(headers.get(name) == "0" for name in _LEFT):
        return None
    return asked_wait(headers)


def duration(value: str) -> float | None:
    """Seconds in a text such as `1s`, `6m0s`, `20ms`, `34.07s`; None when it is none."""
    parts = _PART.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        return None
    return _sane(sum(float(number) * _UNITS[unit] for number, unit in parts))


def _reset(headers: Mapping[str, str], kind: str, now: datetime | None) -> float | None:
    """When a used-up limit of this kind opens again; None while something of it is left."""
    if _number(headers.get(f"x-ratelimit-remaining-{kind}")) == 0:
        value = headers.get(f"x-ratelimit-reset-{kind}", "")
        wait = duration(value)
        return _seconds_or_date(value, now) if wait is None else wait
    if _number(headers.get(f"anthropic-ratelimit-{kind}-remaining")) == 0:
        return _until(_timestamp(headers.get(f"anthropic-ratelimit-{kind}-reset", "")), now)
    return None


def _seconds_or_date(value: str | None, now: datetime | None) -> float | None:
    seconds = _number(value)
    return _sane(seconds) if seconds is not None else _until(_instant(value), now)


def _number(value: str | None) -> float | None:
    """A plain decimal number >= 0; None for anything else, infinities and exponents included."""
    return float(value) if value and re.fullmatch(r"\d{1,15}(\.\d{1,9})?", value.strip(), re.ASCII) else None


def _instant(value: str | None) -> datetime | None:
    """An HTTP date."""
    try:
        found = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _timestamp(value: str) -> datetime | None:
    """A date of RFC 3339."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _until(then: datetime | None, now: datetime | None) -> float | None:
    """Seconds by the vendor's own clock, its `Date` header: ours may differ from it."""
    if then is None or now is None:
        return None
    return _sane((then - now).total_seconds())


def _sane(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST)
