"""What came of a calibration, as a message."""

import math
from dataclasses import replace

import numpy as np

from moa_scorer.app.cli.snapshots.gate_lines import calibration_lines
from moa_scorer.calibration.standing import OpenAlarm, OpenDoubt
from moa_scorer.contract.calibrations import LISTED, calibration_message
from moa_scorer.domain.verdict import Decision, Ruling
from moa_scorer.learning.loop.anchored import Anchored
from moa_scorer.learning.loop.flips import Flip, Flips
from moa_scorer.learning.loop.gate import Gate, judged
from moa_scorer.learning.loop.online import CalibrationOutcome, Step

NAME = "essay.essay.trio"
FLIP = Flip(
    item="01J",
    before=Ruling(decision=Decision.REVIEW, rule="otherwise"),
    after=Ruling(decision=Decision.ACCEPT, rule="lower_at_least:0.55"),
    score_before=0.5,
    score_after=0.8,
)


def measured(items: int = 60) -> Gate:
    errors = np.linspace(-0.2, 0.2, items)
    documents = [f"d{n}" for n in range(items)]
    own = np.arange(items) < 40
    return judged(
        (errors, errors / 2),
        documents,
        {"news": own},
        valid=items,
        covered=items - 6,
        coverage=0.9,
        fitted=200,
    )


def outcome(**over: object) -> CalibrationOutcome:
    usual: dict[str, object] = {
        "step": Step.PROMOTED,
        "words": f"{NAME}@2 serves whoever pins no revision",
        "name": NAME,
        "parent": f"{NAME}@1",
        "candidate": f"{NAME}@2",
        "file": f"snapshots/{NAME}@2.json.gz",
        "new_ratings": 80,
        "fitted": 160,
        "audited": 60,
        **over,
    }
    return CalibrationOutcome(**usual)  # type: ignore[arg-type]


def test_everything_that_was_found_is_told() -> None:
    flips = Flips(policy="careful@1", items=300, counts={}, flips=(FLIP,) * (LISTED + 1))
    alarm = OpenAlarm(judge="ann", since="2026-07-01", what="scores 0.3 higher")
    doubt = OpenDoubt(source="forum", since="2026-07-01", what="the raters are others")
    news = Anchored(alarms=(alarm,), doubts=(doubt,))
    found = outcome(
        gate=measured(), flips=(flips,), anchored=news, notes=("2 were seen",), reversed_judges=("bob",)
    )

    message = calibration_message(found)

    assert (message.step, message.candidate, message.parent) == (
        "promoted",
        f"snapshots/{NAME}@2",
        f"snapshots/{NAME}@1",
    )
    assert (message.new_ratings, message.fitted_items, message.audited_items) == (80, 160, 60)
    assert message.gate.outcome == "pass"
    assert message.gate.change == -0.5
    assert message.gate.groups[0].name == "news"
    assert message.gate.covered_least <= message.gate.covered <= message.gate.covered_most
    assert (message.flips[0].policy, message.flips[0].changed) == ("policies/careful@1", LISTED + 1)
    assert list(message.flips[0].changed_records) == ["records/01J"] * LISTED
    assert list(message.alarms) == ["ann scores 0.3 higher", "source 'forum': the raters are others"]
    assert (list(message.notes), list(message.reversed_judges)) == (["2 were seen"], ["bob"])


def test_what_was_not_measured_is_absent_and_is_called_not_known() -> None:
    gate = measured()
    lost = replace(gate, overall=replace(gate.overall, before=0.0, relative=math.inf, error=math.nan))

    message = calibration_message(outcome(gate=lost))

    assert not message.gate.HasField("change")
    assert not message.gate.HasField("change_upper")
    assert "not known, at most not known" in "\n".join(calibration_lines(message))


def test_a_calibration_that_fitted_nothing_names_no_figures_of_a_fit() -> None:
    found = outcome(step=Step.NOT_DUE, words="3 new ratings, and 25 are worth a fit", candidate="", file="")

    message = calibration_message(found)

    assert not message.HasField("gate")
    assert not message.HasField("fitted_items")
    assert list(calibration_lines(message)) == ["not due: 3 new ratings, and 25 are worth a fit"]
