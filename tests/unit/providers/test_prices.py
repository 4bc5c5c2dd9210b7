"""The price table and the sums of a call."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.money import Usage
from moa_scorer.providers.prices import Price, PriceEntry, PriceTable, twice_named

OPUS = Price(input=4_000_000, cached_input=200_000, output=20_000_000, cache_write=5_000_000)
PLAIN = Price(input=750_000, cached_input=75_000, output=3_750_000, cache_write=750_000)
tokens = st.integers(0, 2_000_000)
rates = st.integers(0, 200_000_000)


def entry(pattern: str, host: str = "", price: Price = PLAIN) -> PriceEntry:
    return PriceEntry(pattern=pattern, host=host, price=price, as_of=date(2026, 10, 7), source="a test")


def test_a_call_costs_what_the_vendors_page_says() -> None:
    usage = Usage(calls=1, input_tokens=1_000_000, cached_tokens=400_000, output_tokens=100_000)
    assert PLAIN.cost(usage) == 450_000 + 30_000 + 375_000


def test_fractions_of_a_millionth_are_rounded_up() -> None:
    assert PLAIN.cost(Usage(calls=1, input_tokens=1)) == 1


def test_tokens_that_may_have_been_written_to_the_cache_count_as_written() -> None:
    assert OPUS.cost(Usage(calls=1, input_tokens=1000)) == 5000


@given(rates, rates, rates, rates, tokens, tokens, tokens)
def test_costs_are_exact_and_rounded_up(
    fresh: int, cached: int, output: int, write: int, n_in: int, n_cached: int, n_out: int
) -> None:
    price = Price(input=fresh, cached_input=cached, output=output, cache_write=write)
    n_cached = min(n_cached, n_in)
    exact = Fraction((n_in - n_cached) * max(fresh, write) + n_cached * cached + n_out * output, 1_000_000)
    cost = price.cost(Usage(calls=1, input_tokens=n_in, cached_tokens=n_cached, output_tokens=n_out))
    assert exact <= cost < exact + 1


@given(st.permutations(["claude-*", "claude-opus-5*", "claude-opus-5-5*"]))
def test_the_closest_pattern_holds_in_any_order(order: list[str]) -> None:
    found = PriceTable(tuple(entry(p) for p in order)).find("claude-opus-5-5-20260922")
    assert found is not None
    assert found.pattern == "claude-opus-5-5*"


def test_an_entry_for_the_very_host_comes_first() -> None:
    table = PriceTable((entry("gpt-oss-120b"), entry("gpt-*", host="api.example.com")))
    found = table.find("gpt-oss-120b", "api.example.com")
    assert found is not None
    assert found.host == "api.example.com"
    elsewhere = table.find("gpt-oss-120b", "other.example.com")
    assert elsewhere is not None
    assert elsewhere.host == ""


def test_a_table_overrides_the_one_below_it() -> None:
    below = PriceTable((entry("m", price=OPUS), entry("n", price=OPUS)))
    table = PriceTable((entry("m*"),), below)
    assert [e.price for e in map(table.find, ("m", "n")) if e is not None] == [PLAIN, OPUS]


@pytest.mark.parametrize("model", ["gpt-6-sol", "gpt-6-sol-2026-09-22", "gpt-6-sol-20260922"])
def test_a_date_at_the_end_of_an_id_does_not_matter(model: str) -> None:
    assert PriceTable((entry("gpt-6-sol"),)).find(model) is not None


def test_another_model_of_a_like_name_has_no_price() -> None:
    table = PriceTable((entry("gpt-6-sol"),))
    assert table.find("gpt-6-sol-pro") is None
    assert table.find("gpt-6-sol-2") is None


def test_an_unknown_model_has_no_price() -> None:
    assert PriceTable().find("gpt-6-terra") is None


@pytest.mark.parametrize(
    ("entries", "twice"),
    [
        ([entry("m"), entry("m", host="h")], []),
        ([entry("m"), entry("m")], ["m"]),
        ([entry("m", host="h")] * 3, ["m on h"]),
    ],
)
def test_patterns_that_stand_twice_are_found(entries: list[PriceEntry], twice: list[str]) -> None:
    assert twice_named(entries) == twice


@given(rates, rates, tokens, tokens, tokens)
def test_a_count_of_cached_tokens_beyond_the_input_never_makes_a_call_cost_less_than_nothing(
    fresh: int, cached: int, n_in: int, n_cached: int, n_out: int
) -> None:
    price = Price(input=fresh, cached_input=cached, output=0, cache_write=0)
    usage = Usage(calls=1, input_tokens=n_in, cached_tokens=n_in + n_cached, output_tokens=n_out)
    assert price.cost(usage) >= cached * (n_in + n_cached) // 1_000_000
