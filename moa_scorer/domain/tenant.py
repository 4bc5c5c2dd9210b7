"""Who a request belongs to: part of every key from the start."""

import re
from typing import Final, NewType

Tenant = NewType("Tenant", str)

DEFAULT_TENANT = Tenant("default")
"""The one tenant there is until others are configured."""
ANY_TENANT: Final = Tenant("*")
"""Stands for every tenant that is not named; none can have that name."""
TENANT_WORDS: Final = "1 to 128 of the characters A-Z a-z 0-9 . _ @ : + -, the first a letter or a digit"
_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}")


def is_tenant(name: str) -> bool:
    """Whether a tenant can have that name: it is a folder's name as well, and stands in keys and in logs."""
    return _FORM.fullmatch(name) is not None
