"""What a backfill will take, before it is started: a sample of its file, planned and not asked."""

import asyncio
from random import Random
from typing import Final

from moa_scorer.domain.job import Forecast
from moa_scorer.domain.job_order import Backfill
from moa_scorer.pipelines.attempts import Attempts, Ready
from moa_scorer.pipelines.readers import rows
from moa_scorer.pipelines.rows import Row
from moa_scorer.scoring.plan import Plan

SAMPLE: Final = 64
"""Items that are looked at closely."""


async def forecast(order: Backfill, attempts: Attempts) -> Forecast:
    """What the job is expected to take; raises Unreadable, and what planning an item raises."""
    sample, total = await asyncio.to_thread(_sampled, order)
    ready = [item for row in sample if isinstance(item := attempts.ready(row), Ready)]
    plans = [attempts.plan(item) for item in ready]
    share = len(ready) / len(sample) if sample else 0.0
    served = total * share
    return Forecast(
        items=total,
        sampled=len(sample),
        unreadable=len(sample) - len(ready),
        calls=round(served * _mean([_calls(plan) for plan in plans])),
        micro_usd=round(served * _mean([plan.estimate.micro_usd for plan in plans])),
        seconds=served * _mean([plan.estimate.seconds for plan in plans]) / order.concurrency,
    )


def _sampled(order: Backfill) -> tuple[list[Row], int]:
    """Rows drawn at random, each with the same chance, and how many there are; the same ones every time."""
    chance, sample, total = Random(0), list[Row](), 0
    for row in rows(order.source):
        total += 1
        if len(sample) < SAMPLE:
            sample.append(row)
        elif (place := chance.randrange(total)) < SAMPLE:
            sample[place] = row
    return sample, total


def _calls(plan: Plan) -> int:
    """Models of vendors and of servers that will be asked."""
    return sum(judge.profile.endpoint != "" for layer in plan.layers for judge in layer.judges)


def _mean(values: list[float] | list[int]) -> float:
    return sum(values) / len(values) if values else 0.0
