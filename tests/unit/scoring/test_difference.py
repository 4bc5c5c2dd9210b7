"""The first place where two values differ."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.verdict import Decision, Interval
from moa_scorer.scoring.difference import first_difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    value: float
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    leaves: tuple[Leaf, ...] = ()
    named: dict[str, Leaf] = field(default_factory=dict)
    decision: Decision = Decision.NONE
    interval: Interval | None = None


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_a_path_leads_to_the_field_and_both_values_are_told() -> None:
    old = Tree(leaves=(Leaf(value=0.5), Leaf(value=0.25)), named={"a": Leaf(value=1.0)})
    new = Tree(leaves=(Leaf(value=0.5), Leaf(value=0.75)), named={"a": Leaf(value=2.0)})
    found = first_difference(old, new)
    assert found is not None
    assert (found.path, found.stored, found.recomputed) == ("leaves[1].value", "0.25", "0.75")


def test_a_key_that_one_side_lacks_is_absent_there() -> None:
    found = first_difference(Tree(named={"a": Leaf(value=1.0)}), Tree())
    assert found is not None
    assert (found.path, found.stored, found.recomputed) == ("named['a']", "Leaf", "absent")


def test_a_shorter_list_ends_where_the_other_goes_on() -> None:
    found = first_difference((1, 2), (1, 2, 3))
    assert found is not None
    assert (found.path, found.stored, found.recomputed) == ("[2]", "absent", "3")


def test_something_in_the_place_of_nothing_is_named_by_its_kind() -> None:
    interval = Interval(lower=0.0, upper=1.0, coverage=0.9)
    found = first_difference(Tree(), Tree(interval=interval))
    assert found is not None
    assert (found.path, found.stored, found.recomputed) == ("interval", "None", "Interval")


def test_words_of_enumerations_stand_for_them() -> None:
    found = first_difference(Tree(decision=Decision.ACCEPT), Tree(decision=Decision.REJECT))
    assert found is not None
    assert (found.stored, found.recomputed) == ("accept", "reject")


def test_the_last_bit_and_the_sign_of_zero_count() -> None:
    assert first_difference(0.1 + 0.2, 0.3) is not None
    assert first_difference(0.0, -0.0) is not None
    assert first_difference(1, 1.0) is not None


def test_a_long_text_is_cut() -> None:
    found = first_difference("a" * 1000, "b" * 1000)
    assert found is not None
    assert len(found.stored) == 200


@given(PLAIN)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    assert first_difference(value, value) is None


@given(PLAIN, PLAIN)
def test_there_is_a_difference_exactly_where_the_words_of_both_differ(one: object, other: object) -> None:
    assert (first_difference(one, other) is None) == (_sorted(one) == _sorted(other))


def _sorted(value: object) -> str:
    """Words in which the order of keys does not count."""
    if isinstance(value, dict):
        return f"{{{sorted((key, _sorted(inner)) for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{[_sorted(inner) for inner in value]}]"
    return repr(value)
