"""Probes and metrics over plain HTTP."""

import os
import subprocess
import sys
from pathlib import Path

import aiohttp

from moa_scorer.web.operations import SHARED, forget, serving

COUNTING = """
from moa_scorer.telemetry import metrics
metrics.call_ended("/a.B/C", "OK", 0.01)
"""
TELLING = "from moa_scorer.web.operations import exposition; print(exposition().decode())"


async def test_readiness_follows_what_it_is_told_and_liveness_does_not() -> None:
    ready = False
    async with serving("127.0.0.1:0", lambda: ready) as port, aiohttp.ClientSession() as session:

        async def status(path: str) -> int:
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status

        assert (await status("/livez"), await status("/readyz")) == (200, 503)
        ready = True
        assert (await status("/readyz"), await status("/metrics"), await status("/else")) == (200, 200, 404)


def test_processes_that_share_a_folder_are_told_of_together(tmp_path: Path) -> None:
    environment = os.environ | {SHARED: str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNTING], env=environment, check=True)
    told = subprocess.run([sys.executable, "-c", TELLING], env=environment, check=True, capture_output=True)
    assert b'moa_calls_total{code="OK",method="/a.B/C"} 2.0' in told.stdout


BUSY = "from moa_scorer.telemetry import metrics; metrics.local_jobs(3); import os; print(os.getpid())"


def test_what_a_process_that_ended_was_busy_with_is_forgotten_and_its_counts_are_not(tmp_path: Path) -> None:
    environment = os.environ | {SHARED: str(tmp_path)}

    def run(code: str) -> str:
        command = (sys.executable, "-c", code)
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    run(COUNTING)
    gone, _ = run(BUSY), run(BUSY)
    assert "moa_local_jobs 6.0" in run(TELLING)
    forget(int(gone), str(tmp_path))
    told = run(TELLING)
    assert "moa_local_jobs 3.0" in told
    assert 'moa_calls_total{code="OK",method="/a.B/C"} 1.0' in told
