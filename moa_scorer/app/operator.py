"""Who uses the command line, for what somebody has to answer for."""

import getpass
import os
from typing import Final

from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.tenant import DEFAULT_TENANT

UNKNOWN: Final = "uid "
"""Before the number of a user without a name, as in a container."""


def operator() -> Caller:
    """The operating system's user, as a caller that may do everything."""
    return Caller(name=f"cli:{_user()}", tenant=DEFAULT_TENANT, roles=frozenset({Role.ADMIN}))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"{UNKNOWN}{os.getuid()}"
