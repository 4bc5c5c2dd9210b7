from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from moa_scorer.app.files.judges import JudgeFile
from moa_scorer.judges.llm_spec import Asks, Reading
from moa_scorer.providers.spec import Capabilities, EndpointSpec, Wire


def _endpoint(name: str, *, local: bool = True, top_logprobs: int = 20) -> EndpointSpec:
    can = Capabilities(top_logprobs=top_logprobs)
    return EndpointSpec(name=name, wire=Wire.OPENAI, base_url="http://x", local=local, capabilities=can)


ENDPOINTS = {
    e.name: e
    for e in (
        _endpoint("own"),
        _endpoint("twin"),
        _endpoint("mute", top_logprobs=0),
        _endpoint("vendor", local=False),
    )
}


def _file(**keys: Any) -> JudgeFile:
    head = {"name": "mine", "title": "A judge", "endpoint": "own", "model": "qwen3-8b"}
    return JudgeFile.model_validate(head | keys)


def _misfits(**keys: Any) -> list[tuple[str, str]]:
    return list(_file(**keys).misfits(ENDPOINTS, None))


def test_the_smallest_judge_file_is_enough() -> None:
    assert _misfits() == []
    assert (_file().asks, _file().reading, _file().heat) == (Asks.WHOLE, Reading.SINGLE, 0.0)


def test_samples_are_warm_unless_told_otherwise() -> None:
    assert _file(reading="samples").heat == 0.7
    assert _file(reading="samples", temperature=1).heat == 1.0


def test_the_template_follows_from_what_is_asked() -> None:
    assert _file().templates()["template"] == "whole-1"
    assert _file(asks="per_criterion").templates()["template"] == "criterion-1"
    assert _file(asks="per_criterion", template="mine-2").templates()["template"] == "mine-2"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"samples": 5}, "samples are for reading: samples"),
        ({"critique": False}, "critique is for asks: per_criterion"),
        ({"reading": "samples", "temperature": 0}, "would all be the same"),
        ({"model": "a model"}, "match pattern"),
        ({"languages": ["english"]}, "match pattern"),
    ],
)
def test_what_does_not_go_together_is_a_mistake(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        _file(**keys)


@pytest.mark.parametrize(
    ("keys", "path", "words"),
    [
        ({"template": "no-such"}, "template", "there is no template no-such"),
        ({"endpoint": "mute", "reading": "logprobs"}, "reading", "gives no log-probabilities"),
        ({"model": "gpt-oss:120b-cloud"}, "model", "runs in a vendor's cloud"),
        ({"stand_ins": [{"endpoint": "own", "model": "qwen3-4b"}]}, "stand_ins[0].endpoint", "judge's own"),
        (
            {"stand_ins": [{"endpoint": "vendor", "model": "qwen3-8b"}]},
            "stand_ins[0].endpoint",
            "content would leave",
        ),
        (
            {"stand_ins": [{"endpoint": "twin", "model": "qwen3:480b-cloud"}]},
            "stand_ins[0].model",
            "runs in a vendor's cloud",
        ),
        (
            {"stand_ins": [{"endpoint": "twin", "model": "claude-sonnet-5-5"}]},
            "stand_ins[0].model",
            "another family",
        ),
    ],
)
def test_what_does_not_fit_the_endpoints_is_told_with_its_path(
    keys: dict[str, Any], path: str, words: str
) -> None:
    ((found, told),) = _misfits(**keys)

    assert found == path
    assert words in told


def test_a_stand_in_of_the_same_family_on_another_endpoint_is_right() -> None:
    assert _misfits(stand_ins=[{"endpoint": "twin", "model": "Qwen/Qwen3-32B"}]) == []
    assert _misfits(endpoint="vendor", stand_ins=[{"endpoint": "own", "model": "qwen3-8b"}]) == []


def test_a_template_of_ones_own_is_taken_before_the_packaged_one(tmp_path: Path) -> None:
    blocks = "{% block system %}Judge.{% endblock %}{% block user %}{{ text }}{% endblock %}"
    (tmp_path / "mine-1.j2").write_text(blocks)
    (tmp_path / "broken-1.j2").write_text("{% block system %}")

    assert list(_file(template="mine-1").misfits(ENDPOINTS, tmp_path)) == []
    ((path, words),) = _file(template="broken-1").misfits(ENDPOINTS, tmp_path)
    assert (path, "broken-1" in words) == ("template", True)
