"""A real Prometheus on loopback that scrapes one server, and its HTTP API.

Time is compressed: the shipped rules are taken as they are but for their durations, which are divided.
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

COMPRESSION: Final = 20
"""Seconds of the shipped rules that are one second here."""
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(r"(?<=\[)(\d+)([smhd])(?=\])|(?<=for: )(\d+)([smhd])")
PATIENCE: Final = 30.0

Series = tuple[dict[str, str], list[tuple[float, float]]]
"""(labels, [(time, value)])."""


class Missing(Exception):
    """Prometheus is not installed; the message says where it comes from."""


def compressed(rules: str) -> str:
    """The rules with every duration divided, at least 2 s."""

    def shorter(match: re.Match[str]) -> str:
        amount, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
        return f"{max(2, int(amount) * _SECONDS[unit] // COMPRESSION)}s"

    return _DURATION.sub(shorter, rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """A running one."""

    port: int

    def range(self, query: str, start: float, end: float, step: float = 1.0) -> list[Series]:
        """What a query comes to at every step; raises ValueError for one that Prometheus refuses."""
        asked = urlencode({"query": query, "start": start, "end": end, "step": step})
        found = self._get(f"/api/v1/query_range?{asked}")["result"]
        return [(each["metric"], [(at, float(value)) for at, value in each["values"]]) for each in found]

    def is_up(self) -> bool:
        """Whether the server was scraped."""
        found = self._get("/api/v1/targets")["activeTargets"]
        return any(target["health"] == "up" for target in found)

    def _get(self, path: str) -> Any:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                said = json.load(answer)
        except URLError as error:
            text = error.read().decode() if hasattr(error, "read") else str(error)
            raise ValueError(f"{path}: {text}") from None
        return said["data"]


@contextmanager
def scraping(metrics_port: int, port: int, rules: Path, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus at this port that has scraped the server once; raises Missing."""
    program = shutil.which("prometheus")
    if program is None:
        raise Missing("prometheus was not found (Debian package prometheus)")
    (folder / "rules.yaml").write_text(compressed(rules.read_text()))
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(_configuration(metrics_port)))
    command = (
        *(program, f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"),
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        running = Prometheus(port=port)
        _wait(running, process)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=20)


def _configuration(metrics_port: int) -> dict[str, Any]:
    target = {"targets": [f"127.0.0.1:{metrics_port}"]}
    job = {"job_name": "moa-scorer", "static_configs": [target]}
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    return {"global": every, "rule_files": ["rules.yaml"], "scrape_configs": [job]}


def _wait(running: Prometheus, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if running.is_up():
                return
        except ValueError:
            pass
        time.sleep(0.3)
    raise RuntimeError("prometheus did not scrape the server; see prometheus.log")
