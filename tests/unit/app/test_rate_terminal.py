from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from moa_scorer.app.cli.rating.file import Rater, RatingsFile
from moa_scorer.app.cli.rating.frame import Frame
from moa_scorer.app.cli.rating.session import Session
from moa_scorer.app.cli.rating.terminal import drive
from tests.fakes.rating import RUBRIC, session

RATER = Rater(name="ann", rubric=RUBRIC)


def typed(*sent: str) -> Callable[[float], str]:
    """A keyboard that sends these, and is then gone."""
    left: Iterator[str] = iter(sent)

    def read(_: float) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return read


def driven(path: Path, *sent: str, start: Session | None = None) -> tuple[Session, list[str]]:
    screens: list[str] = []
    ticks = count()

    def show(frame: Frame) -> None:
        screens.append(frame.text())

    with RatingsFile(path, RATER) as file:
        end = drive(
            start or session(),
            file,
            typed(*sent),
            show,
            size=lambda: (80, 24),
            clock=lambda: float(next(ticks)),
        )
    return end, screens


def written(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_what_is_finished_is_on_disk_when_the_terminal_goes_away(tmp_path: Path) -> None:
    end, screens = driven(tmp_path / "r.jsonl", "4", "5", "1")

    assert not end.over
    assert written(tmp_path / "r.jsonl") == 2
    assert "item 2 of 3 · 1 rated" in screens[-1]


def test_keys_typed_ahead_count_one_by_one_and_what_follows_q_does_not(tmp_path: Path) -> None:
    end, _ = driven(tmp_path / "r.jsonl", "45u312q45")

    assert end.over
    assert [f.answers for f in end.finished] == [(4.0, 3.0), (1.0, 2.0)]
    assert written(tmp_path / "r.jsonl") == 4


def test_a_screen_that_does_not_change_is_not_drawn_again(tmp_path: Path) -> None:
    _, screens = driven(tmp_path / "r.jsonl", "", "", "x", "4", "")

    assert len(screens) == 2


def test_ctrl_c_saves_and_quits(tmp_path: Path) -> None:
    def read(_: float) -> str:
        raise KeyboardInterrupt

    with RatingsFile(tmp_path / "r.jsonl", RATER) as file:
        end = drive(session(), file, read, lambda _: None)

    assert end.finished == ()


def test_no_screen_of_a_whole_session_shows_a_judges_score(tmp_path: Path) -> None:
    from moa_scorer.learning.planning.candidates import read_candidates

    items = tmp_path / "items.jsonl"
    items.write_text(
        '{"item_id": "1", "content": "text", "dimension": "x", '
        '"human": [4.375], "judges": {"GPT": {"score": 3.625}}}\n',
        encoding="utf-8",
    )
    _, screens = driven(tmp_path / "r.jsonl", *"?x4c5", start=session(*read_candidates(items)))

    assert len(screens) >= 4
    for screen in screens:
        assert not [word for word in ("GPT", "3.6", "4.37") if word in screen]
