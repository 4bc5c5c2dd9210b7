"""What is asked of whom in a chaos run: five judges over three wire formats, every traffic mechanism on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local_server import Server, serving
from moa_scorer.providers.spec import Wire
from tests.chaos.truth import CRITERIA
from tests.fakes.catalogue import KEY_VARIABLE, FakeJudge, FakePanel, Price, write_catalogue

JUDGES: Final[Mapping[str, Wire]] = {
    "alpha": Wire.OPENAI,
    "beta": Wire.ANTHROPIC,
    "gamma": Wire.GEMINI,
    "delta": Wire.OPENAI,
    "epsilon": Wire.ANTHROPIC,
}
CHAOS_PANEL: Final = FakePanel(name="chaos", judges=tuple(JUDGES), quorum=3, enough=4, grace=0.25)
PRICE: Final = Price(input=1.0, output=5.0)
MAX_TOKENS: Final = 300
TRAFFIC: Final = {
    "requests_per_minute": 60_000,
    "tokens_per_minute": 100_000_000,
    "concurrency": 64,
    "queue": 256,
    "attempts": 3,
    "retry_share": 0.10,
    "hedge": True,
    "hedge_share": 0.05,
    "timeout": 3.0,
    "breaker_failures": 10,
    "breaker_pause": 1.0,
}
"""All on; rates so high that they hold nothing back."""
OPEN_DOOR: Final = {"MOA_SCORER_LOAD__TARGET_DELAY": "5"}
"""Nobody is turned away for the load of the machine: that is for `make overload`."""


@contextmanager
def product(
    folder: Path,
    urls: Mapping[str, str],
    panel: FakePanel,
    traffic: Mapping[str, object],
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """The real server in a process of its own, on a catalogue whose judges are the vendor's."""
    judges = [
        FakeJudge(name=name, kind=JUDGES[name], base_url=urls[name], traffic=traffic) for name in panel.judges
    ]
    write_catalogue(
        folder, judges=judges, panels=[panel], criteria=CRITERIA, price=PRICE, max_tokens=MAX_TOKENS
    )
    own = {"MOA_SCORER_CATALOG_DIR": str(folder.resolve()), KEY_VARIABLE: "fake", **OPEN_DOOR}
    with serving(panel.name, environment={**own, **(environment or {})}) as server:
        yield server
