"""Model names -> families: a judge must know its own kin under any of their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.families import FAMILIES, family_of, same_family


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("gpt-4o-mini", "gpt"),
        ("GPT4o", "gpt"),
        ("o3-mini-2025-01-31", "gpt"),
        ("openai/gpt-oss-120b", "gpt"),
        ("claude-sonnet-4-5", "claude"),
        ("anthropic.claude-3-haiku-20240307-v1:0", "claude"),
        ("models/gemini-2.5-pro", "gemini"),
        ("google/gemma-3-27b-it", "gemini"),
        ("Qwen/Qwen2.5-7B-Instruct", "qwen"),
        ("qwen3:8b", "qwen"),
        ("deepseek-ai/DeepSeek-R1", "deepseek"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama"),
        ("mixtral-8x7b-32768", "mistral"),
        ("SmolLM2-360M-Instruct", "smollm"),
        ("anthropic", "claude"),
    ],
)
def test_a_model_is_known_by_the_names_that_vendors_give_it(name: str, family: str) -> None:
    assert family_of(name) == family


def test_the_models_own_name_goes_before_whoever_serves_it() -> None:
    assert family_of("google/llama-3-8b") == "llama"
    assert family_of("meta/some-new-thing") == "llama"


def test_equal_unknown_names_are_one_family_and_different_ones_are_not() -> None:
    assert same_family("zephyr-7b", "Zephyr")
    assert not same_family("zephyr-7b", "falcon-40b")


@pytest.mark.parametrize("nothing", ["", "  ", "123", "/", "7/8"])
def test_what_names_nothing_is_of_no_family_not_even_its_own(nothing: str) -> None:
    assert family_of(nothing) == ""
    assert not same_family(nothing, nothing)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_of_itself(family: str) -> None:
    assert family_of(family) == family


@given(st.text(st.characters(codec="ascii"), max_size=40))
def test_case_does_not_matter(name: str) -> None:
    assert family_of(name.upper()) == family_of(name.lower())
