"""What a gate measured, and what a calibration came to, in lines."""

from collections.abc import Iterator

from moa_scorer.api.v1 import job_service_pb2 as pb

UNKNOWN = "not known"


def gate_lines(gate: pb.CalibrationGate) -> Iterator[str]:
    """Error and coverage of both snapshots on the audit, group by group, and why it is not a pass."""
    yield f"gate: {gate.outcome}"
    yield (
        f"error {_number(gate, 'error_before')} → {_number(gate, 'error_after')} on {gate.items} items: "
        f"{_share(gate, 'change')}, at most {_share(gate, 'change_upper')} with 90 % confidence"
    )
    yield (
        f"intervals hold {gate.covered} of {gate.valid}; {gate.covered_least} to {gate.covered_most} is right"
    )
    for group in (each for each in gate.groups if each.items < gate.items):
        yield f"{group.name}: {_share(group, 'change')} on {group.items} items"
    for reason in gate.reasons:
        yield f"because {reason}"


def calibration_lines(found: pb.CalibrationResponse) -> Iterator[str]:
    """From how far it came to what to do next."""
    yield f"{found.step.replace('_', ' ')}: {found.words}"
    if found.candidate:
        yield f"fitted on {found.fitted_items} items, {found.audited_items} audits kept for the gate"
    yield from (f"drift: {alarm}" for alarm in found.alarms)
    yield from found.notes
    if found.HasField("gate"):
        yield from gate_lines(found.gate)
    for flips in found.flips:
        yield f"{flips.policy}: {flips.changed} of {flips.records} newest records would be decided otherwise"
    if found.file:
        yield found.file


def _number(message: pb.CalibrationGate, field: str) -> str:
    return f"{getattr(message, field):.4f}" if message.HasField(field) else UNKNOWN  # type: ignore[arg-type]


def _share(message: pb.CalibrationGate | pb.CalibrationGroup, field: str) -> str:
    return f"{getattr(message, field):+.1%}" if message.HasField(field) else UNKNOWN  # type: ignore[arg-type]
