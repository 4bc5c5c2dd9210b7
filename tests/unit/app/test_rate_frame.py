import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from moa_scorer.app.cli.rating.frame import draw
from moa_scorer.app.cli.rating.questions import questions_of
from moa_scorer.app.cli.rating.session import Session
from moa_scorer.domain.rubric import Criterion, Rubric
from tests.fakes.rating import RUBRIC, item, pressed, session

LONG = " ".join(f"word{k}" for k in range(900))


def shown(state: Session, width: int = 80, height: int = 24) -> str:
    return draw(state, width, height).text()


def test_the_screen_holds_text_question_anchors_keys_and_place() -> None:
    screen = shown(session(item("a", "Once upon a time.", "A prompt"), item("b")))

    for words in (
        "item 1 of 2 · 0 rated",
        "story",
        "Once upon a time.",
        "1/2 fluency: It reads well.",
        "1  broken",
        "5  perfect",
        "keys 1 2 3 4 5   1 = lowest, 5 = highest",
        "›fluency ·  surprise ·",
        "c context",
        "q save and quit",
    ):
        assert words in screen
    assert "A prompt" not in screen


def test_the_context_unfolds_and_says_how_to_go_back() -> None:
    screen = shown(pressed(session(item("a", "The text", "A prompt")), "c"))

    assert "A prompt" in screen
    assert "(c: back)" in screen
    assert "The text" not in screen


def test_answers_so_far_stand_beside_their_criteria() -> None:
    assert "fluency 4  ›surprise ·" in shown(pressed(session(), "4"))


def test_median_and_time_left_are_told_once_something_is_rated() -> None:
    state = pressed(session(*(item(str(k)) for k in range(41)), earlier=(30.0, 50.0)), "11", every=20.0)

    assert "item 4 of 43 · 3 rated · median 40 s an item · about 27 min left" in shown(state)
    assert "median" not in shown(session())


def test_nothing_of_who_wrote_or_chose_it_is_shown() -> None:
    secret = item("a", "text", system="SYSTEM", group="GROUP", audit=True, propensity=0.125)

    screen = shown(session(secret))

    for word in ("SYSTEM", "GROUP", "audit", "0.125", "d/a"):
        assert word not in screen


def test_a_long_text_is_paged_without_losing_a_word() -> None:
    state = session(item("a", LONG))
    pages = draw(state, 80, 24).pages

    seen = []
    for _ in range(pages):
        seen += [w for w in shown(state).split() if w.startswith("word")]
        state = pressed(state, ["space"], pages=pages)

    assert pages > 3
    assert seen == LONG.split()
    assert f"page 2 of {pages}" in shown(pressed(session(item("a", LONG)), ["space"], pages=pages))


def test_what_a_terminal_would_obey_is_made_visible() -> None:
    evil = "a\x1b[2J\x1b]0;owned\x07b\u202ec\x9bd\re\x00"

    screen = shown(session(item("a", evil, title=evil, kind="x\x1b[31m")))

    assert not [c for c in screen if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    assert "␛[2J" in screen


def test_help_and_end_say_what_to_do() -> None:
    assert "save and quit" in shown(pressed(session(), "?"))
    end = shown(pressed(session(), "1122s"))
    assert "1 skipped: they come again" in end
    assert "q ends" in end
    assert "Everything is rated." in shown(pressed(session(), "112233"))


def test_with_nothing_left_to_rate_the_screen_says_so() -> None:
    empty = Session(questions=questions_of(RUBRIC), items=(), earlier=(4.0, 5.0))

    assert "Everything is rated." in shown(empty)
    assert "2 rated" in shown(empty)
    assert pressed(empty, "45bus") == empty


def test_many_anchors_leave_room_for_the_text_and_the_keys() -> None:
    criterion = Criterion(
        name="c", description="d " * 60, anchors=tuple((float(k), "long words " * 12) for k in range(11))
    )
    rubric = Rubric(
        name="r", version=1, title="t", kinds=(), criteria=(criterion, criterion), scale_min=0, scale_max=10
    )
    screen = shown(session(item("a", "The text"), rubric=rubric))

    assert "The text" in screen
    assert "keys 0 1 2 3 4 5 6 7 8 9 t" in screen


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=300),
    st.integers(2, 120),
    st.integers(1, 50),
    st.lists(st.sampled_from([*"15c?us", "space", "left"]), max_size=6),
)
def test_no_screen_is_larger_than_the_terminal(text: str, width: int, height: int, keys: list[str]) -> None:
    state = pressed(session(item("a", text + "漢字\t", "c" * 200, title=text[:50]), item("b")), keys, pages=3)

    frame = draw(state, width, height)

    assert len(frame.lines) <= height
    assert max(cell_len(words) for words, _ in frame.lines) <= width


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
def test_the_keys_stand_at_the_bottom(size: tuple[int, int]) -> None:
    assert draw(session(), *size).lines[-1][0].startswith("b back")
    assert len(draw(session(), *size).lines) == size[1]
