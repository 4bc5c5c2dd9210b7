"""The judges of one item at work, as they are shown."""

import io

from rich.console import Console

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.app.cli.score.watch import Watch
from moa_scorer.client import View
from moa_scorer.client.messages import event_of


class Clock:
    """Stands still where it is put."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def plan(*layers: list[str]) -> pb.StreamScoreContentResponse:
    message = pb.StreamScoreContentResponse()
    for judges in layers:
        message.plan.judges.extend(judges)
        message.plan.layers.add(judges=judges)
    return message


def ballot(judge: str, score: float | None, words: str = "") -> pb.StreamScoreContentResponse:
    message = pb.StreamScoreContentResponse()
    message.ballot.judge = judge
    if score is None:
        message.ballot.abstention.reason = 1
    else:
        message.ballot.judgment.critique = words
        message.ballot.judgment.answers.add(criterion="c", score=score)
    return message


def provisional(score: float) -> pb.StreamScoreContentResponse:
    message = pb.StreamScoreContentResponse()
    message.provisional.scored.score = score
    return message


def screen(*told: pb.StreamScoreContentResponse, seconds: float = 0.0, view: View = "ballots") -> str:
    """What stands on a screen of 100 columns after these events."""
    clock = Clock()
    watch = Watch(view, Console(file=io.StringIO()), clock)
    clock.now = seconds
    for message in told:
        event = event_of(message)
        assert event is not None
        watch.heard(event)
    shown = Console(file=io.StringIO(), width=100)
    shown.print(watch.shown())
    file = shown.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_before_the_plan_there_is_only_the_time() -> None:
    assert "scoring  3 s" in screen(seconds=3.2)


def test_who_is_waited_for_stands_beside_who_has_spoken() -> None:
    shown = screen(plan(["fast", "slow", "late"]), ballot("fast", 0.7, "Clear."), ballot("late", None))
    lines = [line.split() for line in shown.splitlines()]

    assert "2 of 3 judges" in shown
    assert ["fast", "0.70", "Clear."] in lines
    assert ["slow", "…"] in lines
    assert ["late", "abstains:", "timeout"] in lines


def test_layers_are_named_where_there_are_several() -> None:
    assert "layer" not in screen(plan(["a", "b"]))
    shown = [line.strip() for line in screen(plan(["a"], ["b"])).splitlines()]
    assert [line.split()[0:2] for line in shown[1:]] == [
        ["layer", "1"],
        ["a", "…"],
        ["layer", "2"],
        ["b", "…"],
    ]


def test_a_judge_that_was_left_out_is_not_waited_for() -> None:
    assert "0 of 1 judges" in screen(plan(["a"]), ballot("left-out", None))


def test_the_provisional_score_is_shown() -> None:
    assert "0.420 so far" in screen(plan(["a"]), provisional(0.42))


def test_where_ballots_are_not_told_only_the_number_of_answers_is_shown() -> None:
    answers = provisional(0.4)
    answers.provisional.answered = 1
    shown = screen(plan(["a", "b"]), answers, view="score")

    assert "1 of 2 judges" in shown
    assert "…" not in shown


def test_a_long_critique_is_cut_to_the_screen_and_escapes_are_disarmed() -> None:
    shown = screen(plan(["a"]), ballot("a", 0.5, "\x1b[2J" + "word " * 100))

    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2
    assert max(map(len, shown.splitlines())) <= 100


def test_nothing_is_drawn_where_nobody_looks() -> None:
    out = io.StringIO()
    with Watch(console=Console(file=out)) as watch:
        assert not watch.seen
        with watch.paused(stderr=False):
            out.write("the answer")
        watch.advance()

    assert out.getvalue() == "the answer"


def test_the_answer_comes_when_the_judges_are_off_the_screen() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, legacy_windows=False, color_system=None)
    with Watch(console=console) as watch, watch.paused(stderr=False):
        out.write("the answer")

    assert out.getvalue().endswith("the answer")
