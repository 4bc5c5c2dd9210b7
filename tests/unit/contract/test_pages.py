"""Pages together are the whole list, whatever their size."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.contract.pages import page
from moa_scorer.domain.errors import InvalidRequest


@dataclass
class Asking:
    page_size: int = 0
    page_token: str = ""


@given(st.lists(st.text(min_size=1), unique=True, max_size=120), st.integers(min_value=0, max_value=1500))
def test_pages_in_a_row_give_every_entry_once_and_in_order(names: list[str], size: int) -> None:
    seen: list[str] = []
    token = ""
    for _ in range(len(names) + 1):
        entries, token = page(names, Asking(size, token), str)
        seen += entries
        if not token:
            break
    assert seen == names


def test_a_page_has_fifty_entries_unless_another_size_is_asked_for() -> None:
    names = [str(n) for n in range(120)]
    assert len(page(names, Asking(), str)[0]) == 50
    assert len(page(names, Asking(7), str)[0]) == 7


@pytest.mark.parametrize(
    "asking", [Asking(-1), Asking(0, "bm9uZQ=="), Asking(0, "!"), Asking(0, "é"), Asking(0, "a" * 999)]
)
def test_a_page_that_nobody_was_given_cannot_be_asked_for(asking: Asking) -> None:
    with pytest.raises(InvalidRequest):
        page(["a", "b"], asking, str)
