"""Lists, page by page."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from moa_scorer.contract.validate import FOREIGN_TOKEN, check, page_violations
from moa_scorer.domain.errors import InvalidRequest

DEFAULT_PAGE: Final = 50
LARGEST_PAGE: Final = 1_000

T = TypeVar("T")


class PageRequest(Protocol):
    """What every list request carries."""

    @property
    def page_size(self) -> int: ...
    @property
    def page_token(self) -> str: ...


def page(entries: Sequence[T], request: PageRequest, name: Callable[[T], str]) -> tuple[Sequence[T], str]:
    """The entries of a page and the token of the next one, empty after the last.

    A token holds the name of the entry that its page starts with. Raises InvalidRequest on a page that
    cannot be asked for.
    """
    check(page_violations(request.page_size, request.page_token))
    start = _start([name(entry) for entry in entries], request.page_token)
    end = start + min(request.page_size or DEFAULT_PAGE, LARGEST_PAGE)
    following = _token(name(entries[end])) if end < len(entries) else ""
    return entries[start:end], following


def _start(names: Sequence[str], token: str) -> int:
    if not token:
        return 0
    try:
        return names.index(base64.urlsafe_b64decode(token.encode()).decode())
    except (ValueError, binascii.Error):
        raise InvalidRequest((FOREIGN_TOKEN,)) from None


def _token(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()
