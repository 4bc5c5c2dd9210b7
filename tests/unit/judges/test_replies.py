"""Replies as models really send them, one file each: the first line says what is to come of the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.domain.ballot import Abstention
from moa_scorer.judges.dictated import Untrusted
from moa_scorer.judges.reply import Reply, Wanted, read_reply

FOLDER = Path(__file__).parents[2] / "golden" / "replies"
NAMES = sorted(path.stem for path in FOLDER.glob("*.reply"))
CRITERIA = ("clarity", "substance")
NONCE = "9f3ac17be2"


def golden(name: str) -> tuple[dict[str, Any], str]:
    first, _, reply = (FOLDER / f"{name}.reply").read_bytes().decode().partition("\n")
    return json.loads(first), reply


@pytest.fixture(scope="module")
def untrusted() -> Untrusted:
    return Untrusted.of([(FOLDER / "content.txt").read_text()], CRITERIA, risk=0.0)


def test_there_are_many() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_is_read_as_its_first_line_says(name: str, untrusted: Untrusted) -> None:
    expected, raw = golden(name)
    wanted = Wanted(
        criteria=CRITERIA,
        nonce=NONCE,
        constrained=expected.get("constrained", False),
        untrusted=untrusted,
    )

    outcome = read_reply(raw, wanted, truncated=expected.get("truncated", False))

    if isinstance(outcome, Abstention):
        assert outcome.reason == expected.get("outcome"), outcome.detail
    else:
        assert_fits(outcome, expected)


def assert_fits(outcome: Reply, expected: dict[str, Any]) -> None:
    assert dict(outcome.scores) == {
        name: pytest.approx(score) if isinstance(score, float | int) else score
        for name, score in expected["scores"].items()
    }
    if "risk" in expected:
        assert outcome.tamper_risk == pytest.approx(expected["risk"])
    if "critique" in expected:
        assert outcome.critique == expected["critique"]
    if "claims" in expected:
        assert len(outcome.claims) == expected["claims"]
