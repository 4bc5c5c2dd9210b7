"""What is known and handed out before any judge is asked: the facts of the text, and the item."""

import asyncio
from dataclasses import replace
from typing import Final

from moa_scorer.aggregation.own import facts_of
from moa_scorer.domain.facts import Facts
from moa_scorer.scoring.brought import Brought
from moa_scorer.scoring.plan import Plan
from moa_scorer.scoring.purse import Purse
from moa_scorer.scoring.sitting import Item

LONG: Final = 4_000
"""Characters of text and reference that take about a millisecond to measure."""


async def facts_for(plan: Plan | Brought) -> Facts:
    """The facts of a text, those of a long one in a thread, so that no other call waits for them.

    Only a snapshot has a use for the measures, be it one in the shadow.
    """
    content, measured = plan.request.content, _is_measured(plan)
    if len(content.text) + len(content.reference) > LONG:
        return await asyncio.to_thread(facts_of, content, measured=measured)
    return facts_of(content, measured=measured)


def _is_measured(plan: Plan | Brought) -> bool:
    return plan.snapshot is not None or (isinstance(plan, Plan) and plan.measured)


def item_of(plan: Plan, facts: Facts, purse: Purse) -> Item:
    """What the judges are given, and what they spend from.

    The language is the detected one where none was declared.
    """
    request = plan.request
    return Item(
        content=replace(request.content, language=facts.language),
        rubric=plan.rubric,
        quorum=plan.quorum,
        purse=purse,
        seed=request.seed,
        tamper_risk=facts.tamper_risk,
    )
