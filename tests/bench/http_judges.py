"""Judges behind HTTP as the benchmarks have them: each with a path of its own at the fast vendor."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from moa_scorer.providers.spec import Wire
from tests.bench.fast_vendor import Vendor
from tests.fakes.catalogue import FakeJudge, FakePanel, Price, write_catalogue

PANEL: Final = "bench"
WIRES: Final = (Wire.OPENAI, Wire.ANTHROPIC, Wire.GEMINI, Wire.OPENAI, Wire.ANTHROPIC)
CRITERIA: Final = ("clarity", "civility")
DELAY: Final = 0.03
"""Seconds that the vendor waits."""


def judges_at(vendor: Vendor, count: int) -> list[FakeJudge]:
    """So many judges, each with a path of its own at the vendor."""
    return [
        FakeJudge(name=f"judge_{i}", kind=wire, base_url=f"{vendor.url}/{wire}/{i}")
        for i, wire in enumerate(WIRES[:count])
    ]


def catalogue_of(folder: Path, judges: Sequence[FakeJudge]) -> None:
    """A catalogue with one panel, which waits for all judges, as the bare program does."""
    names = tuple(judge.name for judge in judges)
    panel = FakePanel(name=PANEL, judges=names, quorum=len(names))
    write_catalogue(
        folder, judges=judges, panels=[panel], criteria=CRITERIA, price=Price(input=1.0, output=5.0)
    )
