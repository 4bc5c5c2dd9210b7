"""How much memory the C library may keep to itself after it was freed."""

import ctypes
import os
from typing import Final

VARIABLE: Final = "MALLOC_ARENA_MAX"
"""Whoever sets it in the environment has decided."""
ARENAS: Final = 2
_M_ARENA_MAX: Final = -8
"""`mallopt(3)`."""


def few_arenas() -> None:
    """Lets glibc keep two heaps instead of eight a core.

    gRPC's threads allocate now in one, now in another, and what each has freed stays with it: the resident
    memory of a server that is called from many connections would go on growing while nothing is held. Only
    heaps made afterwards obey, so it is called before the server's threads start. Other C libraries keep
    their own way.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and VARIABLE not in os.environ:
        mallopt(_M_ARENA_MAX, ARENAS)
