"""From ballots to a record: reconcile and decide, by what a catalogue holds today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.budget import Budget, Calendar
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.money import NOTHING_USED
from moa_scorer.domain.record import CacheUse, Record
from moa_scorer.domain.ruler import reported_ruler
from moa_scorer.domain.source import source_of
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.verdict import Verdict
from moa_scorer.policy.floor import rule_on
from moa_scorer.scoring.brought import Brought
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a verdict is made of."""

    facts: Facts
    ballots: tuple[Ballot, ...]
    """In any order."""
    in_time: bool = True
    """Whether their weights were ready within the budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a request began with; a catalogue that replaces its own is the next request's."""

    catalog: Catalog
    clock: Calendar
    started: float
    """Monotonic seconds."""
    budget: Budget

    @classmethod
    def beginning(cls, catalog: Catalog, clock: Calendar, budget: Budget) -> "Turn":
        """Now."""
        return cls(catalog=catalog, clock=clock, started=clock.monotonic(), budget=budget)

    @property
    def elapsed(self) -> float:
        """Seconds."""
        return self.clock.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds of the budget, never negative."""
        return self.budget.remaining(self.clock.monotonic())

    @property
    def whole(self) -> float:
        """Seconds of the whole budget."""
        return self.budget.remaining(self.started)

    def standing(self, plan: Plan | Brought) -> Standing:
        """What speaks against the plan's snapshot today."""
        tags = plan.request.tags if isinstance(plan, Plan) else {}
        source = source_of(plan.request.tenant, tags, plan.request.content)
        return self.catalog.standing(plan.snapshot, self.clock.now().date(), source)


def verdict_on(
    plan: Plan | Brought,
    gathered: Gathered,
    turn: Turn,
    *,
    provisional: bool = False,
    judge_revisions: Mapping[str, str] | None = None,
) -> Verdict:
    """The ballots reconciled."""
    return reconcile(
        gathered.ballots,
        plan.snapshot,
        rubric=plan.rubric,
        panel=plan.panel,
        quorum=plan.quorum,
        facts=gathered.facts,
        reference=turn.catalog.reference,
        provisional=provisional,
        judge_revisions=judge_revisions,
        in_time=gathered.in_time,
        standing=turn.standing(plan),
    )


def concluded(plan: Plan, gathered: Gathered, turn: Turn, *, provisional: bool = False) -> Record:
    """The verdict and the ruling, in a record that is not kept yet."""
    verdict = verdict_on(plan, gathered, turn, provisional=provisional, judge_revisions=plan.judge_revisions)
    return Record(
        created=turn.clock.now(),
        request=plan.request,
        plan=plan.record(),
        facts=gathered.facts,
        standing=turn.standing(plan),
        in_time=gathered.in_time,
        verdict=verdict,
        ruling=rule_on(verdict, plan.policy, plan.floor, gathered.facts),
        ruler_reported=reported_ruler(plan.ruler, verdict.ballots),
        elapsed=turn.elapsed,
        budget=turn.whole,
        cache=CacheUse.BYPASSED if provisional else CacheUse.MISS,
    )


def told_again(of: Record, plan: Plan, turn: Turn, use: CacheUse) -> Record:
    """Another request's ballots as an answer to this one: the policy decides anew, and for a snapshot that
    other things speak against by now they are reconciled anew. Nobody was asked, so nothing was used."""
    standing, verdict = turn.standing(plan), of.verdict
    if standing != of.standing:
        gathered = Gathered(facts=of.facts, ballots=verdict.ballots, in_time=of.in_time)
        verdict = verdict_on(plan, gathered, turn, judge_revisions=plan.judge_revisions)
    return replace(
        of,
        name="",
        unrecorded=None,
        created=turn.clock.now(),
        request=plan.request,
        plan=plan.record(),
        standing=standing,
        verdict=replace(verdict, ballots=unpaid(verdict.ballots)),
        ruling=rule_on(verdict, plan.policy, plan.floor, of.facts),
        shadows=(),
        elapsed=turn.elapsed,
        budget=turn.whole,
        cache=use,
        origin=of.name or of.origin,
        audited=False,
    )


def unpaid(ballots: Sequence[Ballot]) -> tuple[Ballot, ...]:
    """The ballots without what asking for them took."""
    return tuple(b if b.usage == NOTHING_USED else replace(b, usage=NOTHING_USED) for b in ballots)
