"""`make dashboards`: a real Prometheus watches a real server while faults are injected.

Every query of every Grafana panel is evaluated over its HTTP API and drawn: each has to come to something,
and no panel may be zero from end to end. Every alert of the shipped rules has to fire, and none before what
it is for. Durations in the rules are divided by 20, thresholds are not touched. Writes build/dashboards.
"""

import asyncio
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.demo.identities import Issuer
from deploy.local_server import Server, ServerFailed, events, serving
from tests.chaos.quotas.setup import Tokens
from tests.dashboards import alerts
from tests.dashboards.draw import page, picture
from tests.dashboards.panels import Panel, panels
from tests.dashboards.play import play, short_pause
from tests.dashboards.prometheus import Missing, Prometheus, scraping
from tests.dashboards.setup import DEPLOY, QUOTAS, ROOT, Ledger, catalogue, environment, ledger, postgres
from tests.dashboards.stage import Stage
from tests.fakes.vendor import Vendor

RULES: Final = DEPLOY / "prometheus" / "rules.yaml"
OUT: Final = ROOT / "build" / "dashboards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What Prometheus saw of a play."""

    panels: tuple[Panel, ...]
    phases: tuple[tuple[float, str], ...]
    """(seconds into the play, name)."""
    fired: Mapping[str, float]
    """Alert -> seconds into the play at which it fired first."""


def main() -> int:
    """0 = every panel shows something and every alert fired; 1 = not; 2 = it could not be run."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    try:
        with postgres() as database, ledger() as redis, tempfile.TemporaryDirectory() as folder:
            seen = asyncio.run(_watched(database, redis, Path(folder)))
    except Missing as error:
        print(f"dashboards: skipped: {error}")
        return 0
    except (ServerFailed, RuntimeError) as error:
        print(f"dashboards: {error}", file=sys.stderr)
        return 2
    told = alerts.told(alerts.names(RULES), seen.fired)
    (OUT / "index.html").write_text(
        page("MoA Scorer, panels of deploy/grafana", seen.panels, seen.phases, told)
    )
    drew = picture(OUT / "index.html", OUT / "dashboard.png", rows=(len(seen.panels) + 2) // 3)
    print(*told, sep="\n")
    print(f"dashboards: {OUT / 'index.html'}{', dashboard.png' if drew else ' (no browser for a picture)'}")
    return _judged(seen)


def _judged(seen: Watched) -> int:
    wanted = alerts.names(RULES)
    faults = list(alerts.faults(wanted, seen.fired, {name: at for at, name in seen.phases}))
    for panel in seen.panels:
        faults += [f"the panel '{panel.title}' shows nothing of {query}" for query in panel.silent]
        if panel.is_flat and not panel.silent:
            faults.append(f"the panel '{panel.title}' is zero from end to end")
    for fault in faults:
        print(f"FAILED: {fault}")
    whole = sum(not panel.silent and not panel.is_flat for panel in seen.panels)
    print(f"dashboards: {whole} of {len(seen.panels)} panels draw")
    print(f"dashboards: {len(seen.fired)} of {len(wanted)} alerts fired")
    return int(bool(faults))


async def _watched(database: Any, redis: Ledger, folder: Path) -> Watched:
    """Plays the play on a server that a Prometheus scrapes, and asks that for what it saw."""
    files, issuer = folder / "catalogue", Issuer()
    keys = issuer.write_keys(folder / "keys.json")
    async with Vendor(latency=short_pause) as vendor:
        snapshot = catalogue(files, vendor)
        settings = environment(files, database.get_uri(), redis.valkey.url, keys)
        with (
            serving("load", environment=settings) as server,
            scraping(_metrics_port(server), _free_port(), RULES, folder) as prometheus,
        ):
            stage = Stage(
                server=server,
                vendor=vendor,
                database=database,
                ledger=redis,
                catalogue=files,
                snapshot=snapshot,
                tokens={tenant: Tokens(issuer).of(tenant) for tenant in QUOTAS},
            )
            ended = await play(stage)
            print(f"dashboards: {sum(stage.outcomes.values())} calls: {stage.outcomes}")
            return Watched(
                panels=tuple(_panels(prometheus, stage.began, ended)),
                phases=tuple(stage.phases),
                fired=alerts.fired(prometheus, stage.began, ended),
            )


def _panels(prometheus: Prometheus, start: float, end: float) -> Iterator[Panel]:
    for board in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json")):
        yield from panels(board, prometheus, start, end)


def _metrics_port(server: Server) -> int:
    port: int = next(e["port"] for e in events(server.lines()) if e["event"] == "metrics_listening")
    return port


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
