"""The price table that ships."""

from pathlib import Path

from moa_scorer.app.files.prices import read_prices
from moa_scorer.providers.prices import PriceTable

DEPLOY = Path(__file__).parents[3] / "deploy"


def shipped() -> PriceTable:
    mistakes: list[str] = []
    table = read_prices([DEPLOY], mistakes)
    assert mistakes == []
    return table


def test_every_price_has_a_day_and_a_source() -> None:
    assert shipped().entries
    assert all(entry.as_of.year >= 2026 and len(entry.source) > 20 for entry in shipped().entries)


def test_prices_are_in_their_usual_order() -> None:
    for price in (entry.price for entry in shipped().entries):
        assert 0 < price.cached_input <= price.input <= price.cache_write <= 1.25 * price.input
        assert price.input < price.output


def test_each_entry_finds_itself() -> None:
    table = shipped()
    for entry in table.entries:
        assert table.find(entry.pattern.replace("[5678]", "5").replace("[56]", "5")) is entry
