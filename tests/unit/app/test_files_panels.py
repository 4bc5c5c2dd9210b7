from typing import Any

import pytest
from pydantic import ValidationError

from moa_scorer.app.files.panels import PanelFile
from moa_scorer.app.files.parts import Known
from moa_scorer.domain.panel import Layer, Panel, Route, When


def _file(**keys: Any) -> PanelFile:
    head = {"name": "mine", "version": 1, "title": "A panel", "quorum": 1, "default_rubric": "general"}
    return PanelFile.model_validate(head | keys)


def _panel(**keys: Any) -> Panel:
    file = _file(**keys)
    assert list(file.misfits(Known())) == []
    return file.value()


def test_judges_alone_make_one_layer() -> None:
    panel = _panel(judges=["a", "b"])

    assert (panel.judges, panel.layers, dict(panel.seats)) == (("a", "b"), (), {})
    assert panel.in_layers() == (Layer(judges=("a", "b")),)


def test_layers_make_the_judges_in_order_and_keep_their_own_settings() -> None:
    panel = _panel(
        layers=[
            {"judges": ["a", "b"], "quorum": 1, "grace": 2, "share": 3},
            {"judges": ["c"], "shows_content": False},
        ],
        writer="c",
    )

    assert panel.judges == ("a", "b", "c")
    assert panel.layers == (
        Layer(judges=("a", "b"), quorum=1, grace=2.0, share=3.0),
        Layer(judges=("c",), shows_content=False),
    )
    assert (panel.writer, panel.before("c")) == ("c", ("a", "b"))


def test_a_judge_sits_twice_under_two_names() -> None:
    panel = _panel(layers=[{"judges": ["a"]}, {"judges": [{"judge": "a", "as": "a_2"}]}])

    assert (panel.judges, dict(panel.seats)) == (("a", "a_2"), {"a_2": "a"})


def test_a_layer_without_quorum_counts_in_full() -> None:
    assert _panel(layers=[{"judges": ["a", "b"], "quorum": 1}, {"judges": ["c"]}], quorum=2).quorum == 2


def test_where_judges_are_not_known_any_of_them_may_read() -> None:
    file = _file(layers=[{"judges": ["a"]}, {"judges": ["b"]}])

    assert list(file.misfits(Known(readers=None))) == []
    assert [path for path, _ in file.misfits(Known(readers={"a"}))] == ["layers[1].judges[0]"]


@pytest.mark.parametrize("judges", [[3], [["a"]], [None]])
def test_a_seat_that_is_neither_name_nor_mapping_is_told_so(judges: list[Any]) -> None:
    with pytest.raises(ValidationError, match="should be a judge's name, or"):
        _file(judges=judges)


@pytest.mark.parametrize("keys", [{}, {"judges": ["a"], "layers": [{"judges": ["b"]}]}])
def test_a_panel_has_judges_or_layers(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="either judges"):
        _file(**keys)


def test_grace_without_a_quorum_would_never_begin() -> None:
    file = _file(layers=[{"judges": ["a", "b"], "grace": 5}])

    assert [path for path, _ in file.misfits(Known())] == ["layers[0].grace"]


def test_a_tier_is_asked_while_it_is_undecided_and_reads_nothing() -> None:
    panel = _panel(layers=[{"judges": ["a"]}, {"judges": ["b"], "only_if_undecided": True}])

    assert panel.tiers == (Layer(judges=("b",), when=When.UNDECIDED, reads=False),)
    assert panel.before("b") == ()


def test_judges_of_layers_that_read_nothing_need_not_be_language_models() -> None:
    file = _file(layers=[{"judges": ["a"]}, {"judges": ["b"], "reads": False}])

    assert list(file.misfits(Known(readers=()))) == []


def test_routes_are_kept_in_order() -> None:
    panel = _panel(
        judges=["a"],
        routes=[
            {"panel": "stories@2", "kinds": ["story"]},
            {"panel": "inside", "languages": ["de"], "sensitivity": "local_only"},
        ],
    )

    assert panel.routes == (
        Route(panel="stories@2", kinds=("story",)),
        Route(panel="inside", languages=("de",), sensitivity="local_only"),
    )
