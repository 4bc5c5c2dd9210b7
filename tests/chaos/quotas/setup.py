"""The servers that race: each a process of its own, the same judges, tenants and quotas, one Valkey."""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.demo.identities import Issuer
from deploy.local_server import Server, serving
from moa_scorer.domain.quota import Meter, Quota
from moa_scorer.providers.spec import Wire
from tests.bench.capacity import process_tree
from tests.chaos.setup import MAX_TOKENS, PRICE, TRAFFIC
from tests.chaos.truth import CRITERIA
from tests.chaos.vendor import Chaos
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, write_catalogue
from tests.fakes.vendor_faults import Fault

JUDGES: Final[Mapping[str, Wire]] = {"alpha": Wire.OPENAI, "beta": Wire.ANTHROPIC, "gamma": Wire.GEMINI}
PANEL: Final = FakePanel(name="racing", judges=tuple(JUDGES), quorum=2)
RUBRIC: Final = "fake"
ITEM_COSTS: Final = 2_500
"""Micro-USD, about: what a quota of money for so many items is reckoned by."""
DAY: Final = 86_400
ISSUER, AUDIENCE = "the race", "moa-scorer"
PATIENCE: Final = 120.0
"""Seconds in which a server must serve."""


def quota_of(meter: Meter, amount: int) -> Quota:
    """So much a day."""
    return Quota(meter=meter, amount=amount, seconds=DAY)


def vendor_of(seed: int) -> Chaos:
    """A vendor that is now and then at its limit, and sometimes does not answer at all."""
    chances = {Fault.RATE_LIMITED: 0.05, Fault.HANG: 0.01}
    return Chaos(seed=seed, run=1, chances=chances, median=0.03)


def catalogue(folder: Path, urls: Mapping[str, str]) -> None:
    """Writes what the servers serve; retries and hedges are on."""
    judges = [
        FakeJudge(name=name, kind=kind, base_url=urls[name], traffic=TRAFFIC | {"timeout": 1.0})
        for name, kind in JUDGES.items()
    ]
    write_catalogue(
        folder, judges=judges, panels=[PANEL], criteria=CRITERIA, price=PRICE, max_tokens=MAX_TOKENS
    )


@dataclass(frozen=True, slots=True)
class Tokens:
    """Who callers are: a token makes one of any tenant."""

    issuer: Issuer

    def of(self, tenant: str) -> tuple[tuple[str, str], ...]:
        """The metadata of a tenant's calls."""
        claims = {
            "sub": "racer",
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": time.time() + 3_600,
            "tenant": tenant,
            "roles": ["score"],
        }
        return (("authorization", f"Bearer {self.issuer.token(claims)}"),)


@contextmanager
def products(
    count: int, folder: Path, redis: str, quotas: Mapping[str, Quota], issuer: Issuer
) -> Iterator[list[Server]]:
    """So many times `moa-scorer serve`, each by itself; SIGTERM at the end."""
    keys = issuer.write_keys((folder / "jwks.json").resolve())
    said = {
        tenant: [{"meter": quota.meter, "amount": quota.amount, "per": "day"}]
        for tenant, quota in quotas.items()
    }
    environment = {
        "MOA_SCORER_CATALOG_DIR": str((folder / "catalogue").resolve()),
        "MOA_SCORER_DATABASE": "off",
        "MOA_SCORER_CACHE": "false",
        "MOA_SCORER_REDIS_URL": redis,
        "MOA_SCORER_QUOTAS": json.dumps(said),
        "MOA_SCORER_AUTH": json.dumps(
            {"jwt": {"issuer": ISSUER, "audience": AUDIENCE, "jwks_file": str(keys)}}
        ),
        KEY_VARIABLE: "fake",
    }
    with ExitStack() as stack:
        yield [stack.enter_context(serving(PANEL.name, 1, PATIENCE, environment)) for _ in range(count)]


def kill(server: Server) -> None:
    """Ends every process of a server at once."""
    for pid in list(process_tree(server.process.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    server.process.wait()
