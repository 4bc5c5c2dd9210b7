from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.app.cli.rating.session import Session, Shown, in_blind_order, press
from tests.fakes.rating import item, pressed, session

KEYS = st.lists(
    st.sampled_from([*"12345abcsuq?xt0", "left", "right", "enter", "up", "down", "space", "backspace"])
)


def ratings(state: Session) -> list[tuple[str, tuple[float, ...]]]:
    return [(f.item.item, f.answers) for f in state.finished]


def test_digits_answer_question_after_question_and_item_after_item() -> None:
    state = pressed(session(), "4523")

    assert ratings(state) == [("a", (4.0, 5.0)), ("b", (2.0, 3.0))]
    assert (state.at, state.asking, dict(state.answers)) == (2, 0, {})


def test_keys_that_stand_for_nothing_change_nothing() -> None:
    start = session()

    assert pressed(start, ["9", "0", "x", "t", "é", "left", "right", "enter"]) == start


def test_back_shows_the_question_before_and_a_digit_answers_it_anew() -> None:
    state = pressed(session(), ["4", "left"])
    assert (state.asking, dict(state.answers)) == (0, {0: 4.0})

    assert ratings(pressed(state, "25")) == [("a", (2.0, 5.0))]


def test_forward_leaves_an_answer_as_it_is_and_needs_one() -> None:
    state = pressed(session(), ["4", "b", "right"])

    assert (state.asking, dict(state.answers)) == (1, {0: 4.0})
    assert pressed(state, ["enter"]) == state


def test_back_from_an_item_without_answers_opens_the_item_before_as_it_was_rated() -> None:
    state = pressed(session(), ["4", "5", "b"])

    assert (state.at, state.asking, dict(state.answers), state.finished) == (0, 1, {0: 4.0, 1: 5.0}, ())
    assert ratings(pressed(state, "1")) == [("a", (4.0, 1.0))]
    assert ratings(pressed(state, ["right"])) == [("a", (4.0, 5.0))]
    assert ratings(pressed(state, "q")) == [("a", (4.0, 5.0))]
    assert ratings(pressed(state, "u")) == [("a", (4.0, 5.0))]


def test_back_to_a_skipped_item_asks_it_again() -> None:
    state = pressed(session(), "45s")

    assert ratings(pressed(state, ["b", "1", "2"])) == [("a", (4.0, 5.0)), ("b", (1.0, 2.0))]
    assert pressed(session(), "b") == session()


def test_undo_takes_back_one_answer_at_a_time_up_to_the_beginning() -> None:
    start = session()
    state = pressed(start, "452")

    assert dict(pressed(state, "u").answers) == {}
    assert ratings(pressed(state, "u")) == [("a", (4.0, 5.0))]
    assert ratings(pressed(state, "uu")) == []
    assert replace(pressed(state, "uuuuuu"), opened=0.0) == pressed(start, "u") == start


def test_a_skipped_item_is_not_rated_and_undo_brings_it_back() -> None:
    state = pressed(session(), "4s35")

    assert ratings(state) == [("b", (3.0, 5.0))]
    assert pressed(session(), "4su").answers == {0: 4.0}


def test_at_the_end_answers_mean_nothing_and_undo_still_works() -> None:
    end = pressed(session(), "112233")

    assert end.item is None
    assert pressed(end, "4s").finished == end.finished
    assert len(pressed(end, "u").finished) == 2
    assert pressed(end, "q").over


def test_q_ends_also_from_the_help_which_any_other_key_closes() -> None:
    helped = pressed(session(), "?")

    assert helped.shown is Shown.HELP
    assert pressed(helped, "q").over
    assert pressed(helped, "4") == session()


def test_the_context_is_shown_and_folded_where_there_is_any() -> None:
    state = session(item("a", context="prompt"), item("b"))

    assert pressed(state, "c").shown is Shown.CONTEXT
    assert pressed(state, "cc").shown is Shown.TEXT
    assert pressed(state, "c11").shown is Shown.TEXT
    assert pressed(state, "11c").shown is Shown.TEXT


def test_pages_turn_between_the_first_and_the_last() -> None:
    assert pressed(session(), ["space", "down", "space", "space"], pages=3).page == 2
    assert pressed(session(), ["space", "up", "backspace"], pages=3).page == 0
    assert pressed(session(), ["space", "1", "1"], pages=3).page == 0


def test_an_item_took_as_long_as_it_was_shown_and_undone_time_goes_on_counting() -> None:
    assert [f.seconds for f in pressed(session(), "1122", every=2.0).finished] == [4.0, 4.0]
    assert [f.seconds for f in pressed(session(), "11u1", every=2.0).finished] == [6.0]
    assert pressed(session(earlier=(7.0,)), "11").seconds == (7.0, 2.0)


def test_the_order_is_the_raters_own_and_the_same_whatever_else_is_in_the_file() -> None:
    items = [item(str(k)) for k in range(20)]

    ann, bob = in_blind_order(items, "ann", 0), in_blind_order(items, "bob", 0)

    assert sorted(i.id for i in ann) == sorted(i.id for i in items)
    assert len({tuple(items), ann, bob, in_blind_order(items, "ann", 1)}) == 4
    assert in_blind_order(items[::-1], "ann", 0) == ann
    assert in_blind_order(items[5:], "ann", 0) == tuple(i for i in ann if i in items[5:])


@settings(max_examples=200)
@given(KEYS)
def test_whatever_is_pressed_each_item_is_rated_at_most_once_and_wholly(keys: list[str]) -> None:
    state = session()
    for key in keys:
        before, state = state, press(state, key, now=state.opened + 1, pages=2)
        assert abs(len(state.finished) - len(before.finished)) <= 1
        if state.over:
            break

    assert len({f.item.id for f in state.finished}) == len(state.finished)
    assert all(len(f.answers) == 2 and set(f.answers) <= {1.0, 2.0, 3.0, 4.0, 5.0} for f in state.finished)
    assert 0 <= state.at <= len(state.items)
    assert [f.item.id for f in state.finished] == [
        i.id for i in state.items[: state.at + 1] if i.id in {f.item.id for f in state.finished}
    ]


@given(KEYS)
def test_enough_undos_lead_back_to_the_beginning(keys: list[str]) -> None:
    state = pressed(session(), [k for k in keys if k != "q"])

    back = pressed(state, ["u"] * (len(keys) + 3))

    assert (back.at, dict(back.answers), back.finished) == (0, {}, ())
