"""Who a request belongs to: part of every key from the start."""

from typing import NewType

Tenant = NewType("Tenant", str)

DEFAULT_TENANT = Tenant("default")
"""The one tenant there is until others are configured."""
