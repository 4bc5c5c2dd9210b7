"""The catalogue as a caller is told it."""

from moa_scorer.contract.resources import judge_message, panel_message
from moa_scorer.domain.panel import Layer, Panel
from tests.fakes.judges import ScriptedJudge, scoring

PANEL = Panel(
    name="moa",
    version=1,
    title="Layers",
    judges=("a", "b", "last"),
    quorum=2,
    default_rubric="quality",
    layers=(
        Layer(judges=("a", "b"), quorum=1, grace=0.5, share=2, shows_content=False),
        Layer(judges=("last",), shows_content=False),
    ),
    seats={"a": "qwen", "b": "qwen"},
    writer="last",
)


def test_a_panel_tells_its_layers_seats_and_writer() -> None:
    message = panel_message(PANEL, is_default=False)
    first, second = message.layers

    assert (list(first.judges), list(second.judges)) == (["a", "b"], ["last"])
    assert (first.quorum, first.share, first.grace.ToMilliseconds()) == (1, 2.0, 500)
    assert not second.HasField("quorum")
    assert [(seat.name, seat.judge) for seat in message.seats] == [("a", "judges/qwen"), ("b", "judges/qwen")]
    assert message.writer == "last"


def test_the_first_layer_always_sees_the_content() -> None:
    assert [layer.shows_content for layer in panel_message(PANEL, is_default=False).layers] == [True, False]


def test_a_panel_without_layers_has_one() -> None:
    flat = Panel(name="p", version=1, title="P", judges=("a", "b"), quorum=1, default_rubric="quality")

    assert [list(layer.judges) for layer in panel_message(flat, is_default=True).layers] == [["a", "b"]]


def test_a_judge_tells_its_family_and_whether_content_leaves() -> None:
    judge = ScriptedJudge("gpt", scoring("gpt", 0.5), family="gpt", local=False)
    message = judge_message(judge)

    assert (message.family, message.local, message.endpoint, message.model) == ("gpt", False, "", "")
