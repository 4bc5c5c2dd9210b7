"""prices.yaml: what models cost, each price with its day and its source."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from moa_scorer.app.files.parts import Line, Number, Part
from moa_scorer.app.files.yaml_file import read_yaml
from moa_scorer.providers.prices import Price, PriceEntry, PriceTable, twice_named

PRICES: Final = "prices.yaml"
MICRO: Final = 1_000_000

Dollars = Annotated[Number, Field(ge=0, le=100_000)]
"""US dollars for a million tokens."""


class PriceModel(Part):
    """One line of the table."""

    model: Line
    """Model ids, with `*` for any characters."""
    host: Annotated[str, Field(pattern=r"^[a-z0-9.-]{0,253}$")] = ""
    """Host of the endpoint that it holds for; empty = any."""
    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None
    """None = as input."""
    cache_write: Dollars | None = None
    """None = as input."""
    as_of: date
    source: Line

    def value(self) -> PriceEntry:
        """The providers' entry."""
        return PriceEntry(
            pattern=self.model,
            host=self.host,
            price=Price(
                input=_micro(self.input),
                cached_input=_micro(self.input if self.cached_input is None else self.cached_input),
                output=_micro(self.output),
                cache_write=_micro(self.input if self.cache_write is None else self.cache_write),
            ),
            as_of=self.as_of,
            source=self.source,
        )


class PricesFile(Part):
    """prices.yaml"""

    prices: tuple[PriceModel, ...]


def read_prices(folders: Sequence[Path], mistakes: list[str]) -> PriceTable:
    """The table of every folder, later ones over earlier ones."""
    table = PriceTable()
    for path in (folder / PRICES for folder in folders):
        parsed = read_yaml(path, PricesFile, mistakes) if path.is_file() else None
        if parsed is None:
            continue
        entries = tuple(price.value() for price in parsed.prices)
        mistakes += (f"{path}: prices: {twice} stands twice" for twice in twice_named(entries))
        table = PriceTable(entries, table)
    return table


def _micro(dollars: float) -> int:
    return round(dollars * MICRO)
