"""A record in the parts that are stored: what is kept by itself, and what many records share."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from moa_scorer.domain.ballot import Ballot, Judgment
from moa_scorer.domain.content_digest import content_digest
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.judge import Estimate
from moa_scorer.domain.record import (
    NOTHING_ASKED,
    CacheUse,
    LayerPlan,
    PlanRecord,
    Record,
    ShadowRuling,
    Unrecorded,
)
from moa_scorer.domain.request import Retention, ScoreRequest
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.verdict import Ruling, Verdict

PARTS: Final = ("request", "plan", "facts", "ballots", "verdict", "way")
"""The names of a record's own parts, as a DamagedRecord tells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPart:
    """What was asked."""

    request: ScoreRequest
    content_digest: str
    """Of the content as received: it outlives a text that is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """What of a plan depends on the item."""

    layers: tuple[LayerPlan, ...]
    left_out: tuple[Ballot, ...]
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsPart:
    """What was known beside the ballots."""

    facts: Facts
    standing: Standing
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictPart:
    """What was said, without the ballots."""

    verdict: Verdict
    ruling: Ruling
    shadows: tuple[ShadowRuling, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPart:
    """How the result came about."""

    created: datetime
    unrecorded: Unrecorded | None
    ruler_reported: str
    elapsed: float
    budget: float
    cache: CacheUse
    origin: str
    audited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A record, taken apart."""

    request: RequestPart
    plan: PlanPart
    frame: PlanRecord
    """The plan without what depends on the item: the same for many records, and stored once."""
    facts: FactsPart
    ballots: tuple[Ballot, ...]
    verdict: VerdictPart
    way: WayPart


def taken_apart(record: Record) -> Parts:
    """The parts of what is kept of a record."""
    digest = content_digest(record.request.content)
    record = numbers_only(record) if record.request.retention is Retention.NUMBERS else record
    plan = record.plan
    return Parts(
        request=RequestPart(request=record.request, content_digest=digest),
        plan=PlanPart(layers=plan.layers, left_out=plan.left_out, estimate=plan.estimate),
        frame=replace(plan, layers=(), left_out=(), estimate=NOTHING_ASKED),
        facts=FactsPart(facts=record.facts, standing=record.standing, in_time=record.in_time),
        ballots=record.verdict.ballots,
        verdict=VerdictPart(
            verdict=replace(record.verdict, ballots=()), ruling=record.ruling, shadows=record.shadows
        ),
        way=WayPart(
            created=record.created,
            unrecorded=record.unrecorded,
            ruler_reported=record.ruler_reported,
            elapsed=record.elapsed,
            budget=record.budget,
            cache=record.cache,
            origin=record.origin,
            audited=record.audited,
        ),
    )


def put_together(name: str, parts: Parts) -> Record:
    """The record that was taken apart."""
    plan, way = parts.plan, parts.way
    return Record(
        name=name,
        unrecorded=way.unrecorded,
        created=way.created,
        request=parts.request.request,
        plan=replace(parts.frame, layers=plan.layers, left_out=plan.left_out, estimate=plan.estimate),
        facts=parts.facts.facts,
        standing=parts.facts.standing,
        in_time=parts.facts.in_time,
        verdict=replace(parts.verdict.verdict, ballots=parts.ballots),
        ruling=parts.verdict.ruling,
        shadows=parts.verdict.shadows,
        ruler_reported=way.ruler_reported,
        elapsed=way.elapsed,
        budget=way.budget,
        cache=way.cache,
        origin=way.origin,
        audited=way.audited,
    )


def numbers_only(record: Record) -> Record:
    """The record without text, title, context, quotes, notes, critiques and replies.

    Scores, offsets, reasons, the measures of the text, and what the caller says about it stay.
    """
    content = replace(record.request.content, text="", title="", context="")
    ballots = tuple(_without_words(ballot) for ballot in record.verdict.ballots)
    return replace(
        record,
        request=replace(record.request, content=content),
        verdict=replace(record.verdict, ballots=ballots),
    )


def _without_words(ballot: Ballot) -> Ballot:
    outcome = ballot.outcome
    if isinstance(outcome, Judgment):
        spans = tuple(replace(span, quote="", note="") for span in outcome.evidence)
        outcome = replace(outcome, evidence=spans, critique="")
    return replace(ballot, outcome=outcome, raw=())
