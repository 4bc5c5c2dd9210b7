"""From items, ballots and what is rated to a plan: what the choice looks at, and the plan as a file."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moa_scorer.aggregation.own import own_panel, reconcile_own
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import Array, criterion_of, judge_of
from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.domain.raw_ballot import RawBallot, RawScore
from moa_scorer.domain.verdict import Scored
from moa_scorer.learning.planning.candidates import Candidate
from moa_scorer.learning.planning.need import (
    disagreement,
    need,
    oriented_ranks,
    rank_shares,
    remoteness,
    scores_of,
    standing,
)
from moa_scorer.learning.planning.plan import Frame, Planned
from moa_scorer.learning.study.rows import WHOLE

Answers = Mapping[str, RawScore | Abstention]
"""Criterion -> what a judge said of it."""

AT_ODDS = "the judges are at odds"
REMOTE = "unlike what is rated"
WIDE = "a wide interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to choose by."""

    candidates: tuple[Candidate, ...]
    said: Mapping[str, Mapping[str, float | AbstentionReason]]
    """Item -> `judge/criterion` -> raw score or why there is none; items without ballots have no entry."""
    rated: Mapping[str, int]
    """Item -> the last round that it was rated in, from 1."""

    @property
    def open(self) -> tuple[Candidate, ...]:
        """The items that nobody has rated, in file order."""
        return tuple(c for c in self.candidates if c.id not in self.rated)

    @property
    def done(self) -> int:
        """How many of the items are rated."""
        return len(self.candidates) - len(self.open)

    @property
    def round(self) -> int:
        """The number of the plan to come."""
        return max(self.rated.values(), default=0) + 1


def frame_of(known: Known, widths: Array | None = None) -> Frame:
    """Everything that could be rated next; `widths` are of the open items' intervals, infinite without one.

    While nothing is rated, all items are alike: a first fit needs the ordinary ones most.
    """
    scores = scores_of([c.id for c in known.candidates], known.said)
    rated = np.array([c.id in known.rated for c in known.candidates], dtype=bool)
    ranks = oriented_ranks(scores)
    open_ = ~rated
    odds = disagreement(scores.columns, ranks)[open_]
    reasons = {AT_ODDS: rank_shares(odds), REMOTE: rank_shares(remoteness(ranks, rated)[open_])}
    if widths is not None:
        reasons[WIDE] = rank_shares(widths)
    started = bool(rated.any()) or widths is not None
    lengths = np.array([float(len(c.text)) for c in known.open])
    return Frame(
        ids=tuple(c.id for c in known.open),
        groups=tuple(f"{c.dataset}/{c.group}" for c in known.open),
        need=need(reasons) if started else None,
        places=_places(standing(scores.columns, ranks)[open_], odds, lengths),
        reasons={words: np.nan_to_num(r) for words, r in reasons.items()} if started else {},
    )


def interval_widths(
    candidates: Sequence[Candidate],
    said: Mapping[str, Mapping[str, float | AbstentionReason]],
    snapshot: Snapshot,
    tick: Callable[[], None] = lambda: None,
) -> Array:
    """Width of each item's overall interval by the snapshot, in [0, 1]; infinite without a VALID certificate.

    Judges that the snapshot does not know are left out. `tick` is called after each item.
    """
    widths, judges = np.full(len(candidates), np.inf), frozenset(own_panel(snapshot).judges)
    for i, candidate in enumerate(candidates):
        ballots = _ballots(said.get(candidate.id, {}), judges)
        verdict = reconcile_own(ballots, snapshot, content=candidate.content())
        if isinstance(verdict.outcome, Scored) and (found := verdict.outcome.overall.interval):
            widths[i] = found.upper - found.lower
        tick()
    return widths


def write_plan(path: Path, plan: Sequence[Planned], known: Known) -> None:
    """A JSON line for each item of the plan, with its text, chance and reason, and no score."""
    items = {c.id: c for c in known.candidates}
    lines = (json.dumps(_line(items[p.id], p, known.round), ensure_ascii=False) for p in plan)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _places(standings: Array, odds: Array, lengths: Array) -> Array:
    """Where each item stands, for the spread; what is not known stands in the middle of its coordinate."""
    coordinates = [*standings.T, rank_shares(odds), rank_shares(lengths)]
    places: Array = np.nan_to_num(np.column_stack(coordinates), nan=0.5)
    return places


def _ballots(said: Mapping[str, float | AbstentionReason], judges: Collection[str]) -> list[RawBallot]:
    found: dict[str, dict[str, RawScore | Abstention]] = {}
    for column, raw in said.items():
        if judge_of(column) in judges:
            found.setdefault(judge_of(column), {})[criterion_of(column)] = (
                Abstention(reason=raw) if isinstance(raw, AbstentionReason) else RawScore(score=raw)
            )
    return [RawBallot(judge=judge, outcome=_outcome(own)) for judge, own in found.items()]


def _outcome(answers: Answers) -> Answers | Abstention:
    """What a judge said, or why it said nothing at all."""
    whole = answers.get(WHOLE)
    return whole if isinstance(whole, Abstention) else answers


def _line(candidate: Candidate, planned: Planned, round_: int) -> dict[str, Any]:
    line = {
        "dataset": candidate.dataset,
        "item_id": candidate.item,
        "group_id": candidate.group,
        "system_id": candidate.system,
        "kind": candidate.kind,
        "language": candidate.language,
        "title": candidate.title,
        "content": candidate.text,
        "context": candidate.context,
    }
    choice = {
        "propensity": float(f"{planned.propensity:.9g}"),
        "audit": planned.audit,
        "round": round_,
        "why": planned.why,
    }
    return {k: v for k, v in line.items() if v} | choice


def count_groups(plan: Iterable[Planned], known: Known) -> tuple[int, int]:
    """(groups in the plan, groups in all)."""
    groups = {c.id: (c.dataset, c.group) for c in known.candidates}
    return len({groups[p.id] for p in plan}), len(set(groups.values()))
