"""What came of a calibration, as a message."""

import math
from typing import TYPE_CHECKING, Final

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.contract.texts import sound

if TYPE_CHECKING:
    from moa_scorer.learning.loop.flips import Flips
    from moa_scorer.learning.loop.gate import Gate
    from moa_scorer.learning.loop.online import CalibrationOutcome

LISTED: Final = 100
"""Records that are named of those that are decided otherwise."""


def calibration_message(found: "CalibrationOutcome") -> pb.CalibrationResponse:
    """The figures; what could not be measured is not set."""
    message = pb.CalibrationResponse(
        step=found.step,
        words=sound(found.words),
        candidate=_snapshot(found.candidate),
        parent=_snapshot(found.parent),
        new_ratings=found.new_ratings,
        gate=None if found.gate is None else gate_message(found.gate),
        flips=[_flips(each) for each in found.flips],
        reversed_judges=found.reversed_judges,
        notes=[sound(note) for note in found.notes],
        file=sound(found.file),
        alarms=[sound(words) for words in found.anchored.words],
    )
    if found.candidate:
        message.fitted_items, message.audited_items = found.fitted, found.audited
    return message


def gate_message(gate: "Gate") -> pb.CalibrationGate:
    """What a gate measured."""
    overall = gate.overall
    return pb.CalibrationGate(
        outcome=gate.outcome,
        reasons=gate.reasons,
        items=overall.items,
        error_before=_finite(overall.before),
        error_after=_finite(overall.after),
        change=_finite(overall.relative),
        change_upper=_finite(overall.bound(1)),
        valid=gate.valid,
        covered=gate.covered,
        needed=gate.needed,
        covered_least=gate.band[0],
        covered_most=gate.band[1],
        groups=[
            pb.CalibrationGroup(name=sound(name), items=each.items, change=_finite(each.relative))
            for name, each in gate.groups.items()
        ],
    )


def _snapshot(revision: str) -> str:
    return f"snapshots/{revision}" if revision else ""


def _finite(value: float) -> float | None:
    """None = not known, or without bound."""
    return value if math.isfinite(value) else None


def _flips(flips: "Flips") -> pb.CalibrationFlips:
    return pb.CalibrationFlips(
        policy=f"policies/{flips.policy}",
        records=flips.items,
        changed=len(flips.flips),
        changed_records=[f"records/{flip.item}" for flip in flips.flips[:LISTED]],
    )
