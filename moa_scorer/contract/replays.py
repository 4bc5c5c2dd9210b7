"""Replays as messages."""

from moa_scorer.api.v1 import record_service_pb2 as pb
from moa_scorer.contract.texts import sound
from moa_scorer.contract.verdicts import DECISIONS
from moa_scorer.domain.verdict import Scored
from moa_scorer.scoring.difference import Difference
from moa_scorer.scoring.replay import Replay


def replay_message(replay: Replay) -> pb.ReplayRecordResponse:
    """What replaying a record came to."""
    message = pb.ReplayRecordResponse(outcome=_outcome(replay), damaged_part=replay.damaged)
    if replay.difference is not None:
        message.difference.CopyFrom(difference_message(replay.difference))
    if replay.missing is not None:
        missing = replay.missing
        message.missing.CopyFrom(
            pb.MissingArtefact(name=missing.name, digest=missing.digest, detail=missing.why)
        )
    if replay.again is not None:
        verdict, ruling = replay.again
        message.decision, message.rule = DECISIONS[ruling.decision], ruling.rule
        if isinstance(verdict.outcome, Scored):
            message.score = verdict.outcome.overall.score
    return message


def difference_message(difference: Difference) -> pb.RecordDifference:
    """One field with two values."""
    return pb.RecordDifference(
        path=sound(difference.path), stored=sound(difference.stored), recomputed=sound(difference.recomputed)
    )


def _outcome(replay: Replay) -> pb.ReplayOutcome.ValueType:
    if replay.damaged:
        return pb.REPLAY_OUTCOME_DAMAGED
    if replay.missing is not None:
        return pb.REPLAY_OUTCOME_ARTEFACT_MISSING
    return pb.REPLAY_OUTCOME_SAME if replay.same else pb.REPLAY_OUTCOME_DIFFERENT
