"""ghz: its configuration, its run, its report."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

PATIENCE: Final = 3_600
"""Seconds that a run of ghz may take."""


class LoadError(Exception):
    """The load could not be run; the message is for people."""


def run_ghz(
    ghz: Path, profile: Path, data: Path, host: str, options: Sequence[str] = (), keep: Path | None = None
) -> dict[str, Any]:
    """One run of ghz; returns its JSON report, which is kept in the file `keep` where one is named.

    Raises LoadError with what it said when there is none.
    """
    command = [str(ghz), f"--config={profile}", f"--data-file={data}", *options, "--format=json", host]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise LoadError(
            f"ghz gave no report (exit {done.returncode}): {done.stderr or done.stdout}"
        ) from None
    if keep is not None:
        keep.parent.mkdir(parents=True, exist_ok=True)
        keep.write_text(done.stdout)
    return report


def latencies(report: Mapping[str, Any]) -> dict[int, float]:
    """Percentage -> milliseconds, of OK calls."""
    shares = report.get("latencyDistribution") or []
    return {share["percentage"]: share["latency"] / 1e6 for share in shares}
