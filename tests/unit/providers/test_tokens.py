"""Numbers of tokens without a tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.providers.tokens import likely_tokens, most_input_tokens
from tests.fakes.endpoints import prompt

ENGLISH = (
    "The committee met on Tuesday to consider whether the proposal should be sent back to its authors, "
    "and after a long discussion decided that it should, with thanks and a list of twelve questions. "
)


@pytest.mark.parametrize("text", ["7" * 900, "!?#%" * 100, "日本語の文章" * 50, "🙂🙃" * 40, ENGLISH * 5])
def test_the_ceiling_is_never_below_one_token_a_mark_or_two_letters(text: str) -> None:
    marks = sum(1 for c in text if not (c.isascii() and c.isalpha()) and c != " ")
    assert most_input_tokens(prompt(system="", user=text)) >= marks


def test_the_likely_number_of_english_is_near_the_tokenizers() -> None:
    likely = likely_tokens(prompt(system="", user=ENGLISH * 10, max_tokens=1))
    assert 36 * 10 * 0.8 <= likely <= 36 * 10 * 1.6  # 36 words and marks a sentence


def test_every_sample_may_fill_its_reply() -> None:
    one, five = likely_tokens(prompt(samples=1)), likely_tokens(prompt(samples=5))
    assert five - one == 4 * 50


def test_a_schema_is_read_as_input() -> None:
    schema = {"type": "object", "properties": {"score": {"type": "integer"}}}
    assert most_input_tokens(prompt(schema=schema)) > most_input_tokens(prompt()) + 20


@given(st.text(max_size=300), st.text(max_size=300))
def test_longer_prompts_never_count_less(text: str, more: str) -> None:
    assert most_input_tokens(prompt(user=text + more)) >= most_input_tokens(prompt(user=text))
