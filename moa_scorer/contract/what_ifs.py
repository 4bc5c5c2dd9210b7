"""What a change would do to decisions, as a message."""

from moa_scorer.api.v1 import job_service_pb2 as pb
from moa_scorer.contract.texts import sound
from moa_scorer.contract.verdicts import DECISIONS
from moa_scorer.scoring.what_if_tally import Example, WhatIf


def what_if_message(found: WhatIf) -> pb.WhatIfResponse:
    """The figures, with examples."""
    return pb.WhatIfResponse(
        records=found.records,
        changed=found.changed,
        moves=[
            pb.WhatIfMove(before=DECISIONS[move.before], after=DECISIONS[move.after], count=move.count)
            for move in found.moves
        ],
        mean_change=found.mean_change,
        gained=found.gained,
        lost=found.lost,
        examples=[_example(each) for each in found.examples],
        untold={sound(why): count for why, count in found.untold.items()},
    )


def _example(example: Example) -> pb.WhatIfExample:
    return pb.WhatIfExample(
        record=f"records/{example.record}",
        content_id=sound(example.content_id),
        before=DECISIONS[example.before.decision],
        after=DECISIONS[example.after.decision],
        rule_before=example.before.rule,
        rule_after=example.after.rule,
        score_before=example.score_before,
        score_after=example.score_after,
    )
