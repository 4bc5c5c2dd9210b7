"""How many threads native libraries may start."""

import os
from typing import Final

VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


def capped(threads: int) -> dict[str, str]:
    """The environment that holds native thread pools to `threads`; what is set already stays."""
    return {name: os.environ.get(name, str(threads)) for name in VARIABLES}


def cap(threads: int) -> None:
    """The same for this process; only what is loaded afterwards obeys."""
    os.environ.update(capped(threads))
