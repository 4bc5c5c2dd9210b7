"""A server's C library keeps few heaps, unless the environment says how many."""

import os
import platform
import subprocess
import sys

import pytest

PROBE = """
import ctypes, sys, threading
from moa_scorer.app.heap import few_arenas
few_arenas()
malloc = ctypes.CDLL(None).malloc
malloc.restype, malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
together = threading.Barrier(12)
def allocate():
    together.wait()
    malloc(1000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
sys.stderr.flush()
ctypes.CDLL(None).malloc_stats()
"""


def _heaps(**environment: str) -> int:
    """How many heaps twelve threads that allocate at once are given."""
    found = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stderr.count("Arena ")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such heaps")
def test_threads_share_two_heaps() -> None:
    assert _heaps() <= 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such heaps")
def test_what_the_environment_says_stands() -> None:
    assert _heaps(MALLOC_ARENA_MAX="4") == 4
