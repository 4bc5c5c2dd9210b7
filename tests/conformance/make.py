"""Makes the conformance vectors: ballots in, what `reconcile` says of them out, by exported snapshots.

    make vectors

`small` and `few` are fitted here to simulated ratings, `shipped` is one of the product's own. Each has a
portable file with the masks of its cases, and a file of cases. The schemas of both kinds of file are made
beside the shipped snapshots.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from moa_scorer.aggregation.columns import column_values, in_panel_order
from moa_scorer.aggregation.counting import counting
from moa_scorer.aggregation.own import own_panel, own_rubric, unit_ballots
from moa_scorer.aggregation.portable import document, portable
from moa_scorer.aggregation.reconcile import reconcile
from moa_scorer.aggregation.schemas import portable_schema, snapshot_schema
from moa_scorer.calibration.apply import mask_of_values
from moa_scorer.calibration.files import read_snapshot, write_snapshot
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mask_fit import Mask
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import Abstention, AbstentionReason, ScoreKind
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.raw_ballot import RawBallot, RawScore
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import CriterionScore, Scored
from moa_scorer.learning.study.ratings import read_ratings
from moa_scorer.learning.study.rows import read_rows
from moa_scorer.measures.facts import observe
from tests.fakes.ratings import fitted, make_panel, simulate

HERE: Final = Path(__file__).parent
SHIPPED: Final = HERE.parents[1] / "deploy" / "snapshots" / "story.story.embedded-fast.json.gz"
DATA: Final = HERE.parents[0] / "data"
JUDGES: Final = {"ann": 1.0, "bob": 0.7, "cid": 0.4, "dot": 0.6}
SCALES: Final = {
    "ann": Scale(low=1.0, high=5.0),
    "bob": Scale(low=100.0, high=0.0),
    "dot": Scale(low=0.0, high=10.0, declared=False),
}
"""bob counts faults, dot is not known to; cid says numbers in [0, 1]."""

Said = Mapping[str, Mapping[str, RawScore | Abstention] | Abstention]
"""A case's ballots: judge -> criterion -> what it said, or why it said nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One item, and what it is there to show."""

    name: str
    said: Said
    measures: Mapping[str, float]
    kind: str
    language: str = "en"
    quorum: int | None = None
    """None = the panel's own."""
    exported: bool = True
    """Whether its mask is in the portable file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A snapshot with what it is for."""

    name: str
    snapshot: Snapshot
    panel: Panel = field(init=False)
    rubric: Rubric = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "panel", own_panel(self.snapshot))
        object.__setattr__(self, "rubric", own_rubric(self.snapshot))


def why(reason: AbstentionReason) -> Abstention:
    return Abstention(reason=reason)


def small_snapshot() -> Snapshot:
    """Four judges on scales of their own: bob is often late, cid says samples, dot is reversed."""
    table = simulate(items=180, skills=JUDGES, seed=5)
    values = table.values.copy()
    values[:, [k for k, c in enumerate(table.columns) if c.startswith("dot/")]] *= -1
    values[:, [k for k, c in enumerate(table.columns) if c.startswith("dot/")]] += 1
    late = np.random.default_rng(1).random(table.items) < 0.2
    values[np.ix_(late, [k for k, c in enumerate(table.columns) if c.startswith("bob/")])] = np.nan
    share = {"timeout": float(late.mean())}
    changed = replace(
        table,
        values=values,
        scales=SCALES,
        kinds={f"cid/{c}": ScoreKind.SAMPLES for c in table.targets},
        abstentions={f"bob/{c}": share for c in table.targets},
    )
    return fitted(changed, judge_revisions={}, panel=make_panel(tuple(JUDGES)))


def small_cases(snapshot: Snapshot) -> Iterator[Case]:
    """Everything that the recipe tells apart."""
    said = {
        "ann": {"clarity": RawScore(score=4.0), "depth": RawScore(score=3.5)},
        "bob": {"clarity": RawScore(score=22.0), "depth": RawScore(score=31.0)},
        "cid": {"clarity": RawScore(samples=(0.5, 0.7, 0.6)), "depth": RawScore(samples=(0.4, 0.5))},
        "dot": {"clarity": RawScore(score=3.0), "depth": RawScore(score=4.0)},
    }
    case = Case(name="full", said=said, measures={"words": 40.0, "hum": 0.25}, kind="essay")
    yield case
    yield from common_cases(case)
    one = {**said, "ann": {"clarity": RawScore(score=4.0), "depth": why(AbstentionReason.TIMEOUT)}}
    yield replace(case, name="one criterion of one judge is missing", said=one)
    yield replace(case, name="without measures", measures={})
    yield replace(case, name="a needed measure is missing", measures={"words": 40.0})
    tied = {
        j: {c: RawScore(score=s) for c in said[j]} for j, s in (("ann", 3.0), ("bob", 50.0), ("dot", 5.0))
    }
    tied["cid"] = {c: RawScore(samples=(0.5, 0.5)) for c in said["cid"]}
    yield replace(case, name="tied in the middle", said=tied)
    ends = {"ann": 1.0, "bob": 100.0, "dot": 10.0}
    worst = {j: {c: RawScore(score=s) for c in said[j]} for j, s in ends.items()}
    worst["cid"] = {c: RawScore(samples=(0.0, 0.0)) for c in said["cid"]}
    yield replace(case, name="the worst that can be said", said=worst)
    yield replace(
        case, name="off the scale", said={**said, "ann": {c: RawScore(score=11.0) for c in said["ann"]}}
    )
    edge = {**said, "ann": {**said["ann"], "clarity": RawScore(score=5.0 + 1e-9)}}
    yield replace(case, name="off the scale by less than rounding", said=edge)
    spoiled = {**said, "cid": {c: RawScore(samples=(0.5, 1.5)) for c in said["cid"]}}
    yield replace(case, name="one sample off the scale", said=spoiled)
    odd = {**said, "dot": {c: RawScore(score=0.0) for c in said["dot"]}}
    odd["bob"] = {c: RawScore(score=100.0) for c in said["bob"]}
    odd["ann"] = {c: RawScore(score=5.0) for c in said["ann"]}
    yield replace(case, name="unlike anything rated", said=odd, measures={"words": 4000.0, "hum": 9.0})
    single = {**said, "cid": {c: RawScore(score=0.5) for c in said["cid"]}}
    yield replace(case, name="a score of another kind than was rated does not count", said=single)
    spread = RawScore(distribution=((5.0, 0.25), (3.0, 0.5), (1.0, 0.25)))
    weighed = {**said, "ann": {"clarity": spread, "depth": RawScore(score=3.5)}}
    yield replace(case, name="a distribution where single scores were rated", said=weighed)
    few = {"ann": said["ann"], "bob": why(AbstentionReason.BUDGET), "cid": why(AbstentionReason.TIMEOUT)}
    yield replace(case, name="too dear", said=few, quorum=2)
    yield replace(case, name="too late", said={**few, "bob": why(AbstentionReason.CANCELLED)}, quorum=2)
    mixed = {"clarity": why(AbstentionReason.REFUSED), "depth": why(AbstentionReason.TIMEOUT)}
    yield replace(case, name="the first reason of each judge counts", said={"ann": mixed, "bob": mixed})
    cut = {**said, "ann": {"clarity": why(AbstentionReason.TIMEOUT), "depth": RawScore(score=3.5)}}
    yield replace(case, name="a criterion without its quorum", said=cut, quorum=4)
    yield replace(case, name="a mask that was not exported", said={"dot": said["dot"]}, exported=False)


def few_snapshot() -> Snapshot:
    """So few ratings that the interval is the whole scale, and that nothing is known of support."""
    table = simulate(items=24, skills={"ann": 1.0, "bob": 0.7}, measures=False, seed=2)
    return fitted(replace(table, scales=SCALES), judge_revisions={}, panel=make_panel(("ann", "bob")))


def few_cases(snapshot: Snapshot) -> Iterator[Case]:
    """An interval without end, p that is not known."""
    said = {
        "ann": {"clarity": RawScore(score=4.0), "depth": RawScore(score=2.5)},
        "bob": {"clarity": RawScore(score=22.0), "depth": RawScore(score=31.0)},
    }
    case = Case(name="full", said=said, measures={}, kind="essay")
    yield case
    yield replace(case, name="one judge is late", said={**said, "bob": why(AbstentionReason.TIMEOUT)})
    yield replace(case, name="measures that nobody asked for", measures={"words": 40.0})


def common_cases(case: Case) -> Iterator[Case]:
    """What any snapshot's cases are, by one that is complete."""
    first, *others = case.said
    gone = {**case.said, first: why(AbstentionReason.TIMEOUT)}
    yield replace(case, name="the first judge is late", said=gone)
    yield replace(case, name="the first judge has no ballot", said={j: case.said[j] for j in others})
    yield replace(case, name="the first judge refuses", said={**gone, first: why(AbstentionReason.REFUSED)})
    yield replace(case, name="all missing", said={j: why(AbstentionReason.REFUSED) for j in case.said})
    yield replace(case, name="no ballots", said={})
    yield replace(case, name="fewer than the quorum", said={first: case.said[first]}, quorum=2)
    yield replace(case, name="other kind", kind="recipe")
    yield replace(case, name="no kind", kind="")
    yield replace(case, name="other language", language="fr")
    yield replace(case, name="no language", language="")


def shipped_cases(snapshot: Snapshot) -> Iterator[Case]:
    """Ballots of the product's own judges on stories that people rated."""
    rows = read_rows(DATA / "ballots" / "story.jsonl.gz")
    judges = own_panel(snapshot).judges
    items = [i for i in read_ratings(DATA / "hanna.jsonl.gz") if all(j in rows.get(i.id, {}) for j in judges)]
    for item in items[:: max(len(items) // 3, 1)][:3]:
        said: dict[str, Any] = {}
        for judge in judges:
            row = rows[item.id][judge]
            said[judge] = {c: RawScore(score=v) for c, v in row.scores.items()}
            said[judge] |= {c: Abstention(reason=r) for c, r in row.abstained.items() if c}
            said[judge] = why(row.abstained[""]) if "" in row.abstained else said[judge]
        measures = dict(observe(item.content()).measures)
        case = Case(name=f"story {item.id}", said=said, measures=measures, kind="story")
        yield case
        yield replace(case, name=f"{case.name}, without its text", measures={})
    yield from common_cases(case)


def facts_of(case: Case) -> Facts:
    return Facts(
        kind=case.kind,
        language=case.language,
        language_declared=bool(case.language),
        tamper_risk=0.0,
        measures=case.measures,
    )


def raw_ballots(case: Case) -> tuple[RawBallot, ...]:
    return tuple(RawBallot(judge=judge, outcome=outcome) for judge, outcome in case.said.items())


def values_of(setting: Setting, case: Case) -> dict[str, float]:
    """The columns that count, and the measures."""
    ballots = in_panel_order(unit_ballots(raw_ballots(case), setting.snapshot), setting.panel)
    judged = column_values(counting(ballots, setting.panel, setting.snapshot))
    return {**judged, **{f"measures/{n}": x for n, x in case.measures.items()}}


def masks(setting: Setting, cases: Sequence[Case]) -> tuple[Mask, ...]:
    """The masks of the cases that get a score."""
    scored = [c for c in cases if c.exported and "heads" in expected(setting, c)]
    return tuple(dict.fromkeys(mask_of_values(setting.snapshot, values_of(setting, c)) for c in scored))


def expected(setting: Setting, case: Case) -> dict[str, Any]:
    """What `reconcile` says, as plain values."""
    snapshot = setting.snapshot
    verdict = reconcile(
        unit_ballots(raw_ballots(case), snapshot),
        snapshot,
        rubric=setting.rubric,
        panel=setting.panel,
        quorum=case.quorum or setting.panel.quorum,
        facts=facts_of(case),
        reference=EMPTY_REFERENCE,
    )
    if not isinstance(verdict.outcome, Scored):
        return {"unscored": verdict.outcome.reason.value}
    if not case.exported:
        return {"unknown_mask": True}
    scored, values = verdict.outcome, values_of(setting, case)
    fit = fit_mask(snapshot, mask_of_values(snapshot, values))
    names = [snapshot.columns[k].name for k in fit.columns]
    return {
        "certificate": scored.certificate.status.value,
        "p": fit.support.p_value([values[n] for n in names]) if fit.support else None,
        "effective_votes": scored.effective_votes,
        "heads": {
            OVERALL: _head(scored.overall),
            **{c.name: _head(c) if isinstance(c, CriterionScore) else None for c in scored.criteria},
        },
        "contributions": {c.column: c.amount for c in scored.overall.contributions},
    }


def _head(score: CriterionScore) -> dict[str, Any]:
    interval = score.interval
    return {
        "score": score.score,
        "value": score.value,
        "baseline": score.baseline,
        "lower": interval.lower if interval else None,
        "upper": interval.upper if interval else None,
    }


def request(case: Case) -> dict[str, Any]:
    """The case as JSON."""
    return {
        "kind": case.kind,
        "language": case.language,
        "quorum": case.quorum,
        "measures": dict(case.measures),
        "ballots": [
            {"judge": judge, "abstention": outcome.reason.value}
            if isinstance(outcome, Abstention)
            else {
                "judge": judge,
                "answers": [{"criterion": c, **_answer(said)} for c, said in outcome.items()],
            }
            for judge, outcome in case.said.items()
        ],
    }


def _answer(said: RawScore | Abstention) -> dict[str, Any]:
    if isinstance(said, Abstention):
        return {"abstention": said.reason.value}
    plain = {"score": said.score, "samples": said.samples, "distribution": said.distribution}
    return {k: v for k, v in plain.items() if v not in (None, ())}


def settings() -> dict[str, tuple[Setting, list[Case]]]:
    """Name -> a snapshot as it lies on disk, with its cases."""
    made = {name: read_snapshot(HERE / f"{name}.snapshot.json.gz") for name in ("small", "few")}
    snapshots, cases = (
        {**made, "shipped": read_snapshot(SHIPPED)},
        {
            "small": small_cases,
            "few": few_cases,
            "shipped": shipped_cases,
        },
    )
    return {n: (Setting(name=n, snapshot=s), list(cases[n](s))) for n, s in snapshots.items()}


def main() -> None:
    write_snapshot(small_snapshot(), HERE / "small.snapshot.json.gz")
    write_snapshot(few_snapshot(), HERE / "few.snapshot.json.gz")
    for name, (setting, cases) in settings().items():
        masked = masks(setting, cases)
        made = document(portable(setting.snapshot, masked, rubric=setting.rubric, panel=setting.panel))
        text = json.dumps(made, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        (HERE / f"{name}.portable.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        vectors = [{"name": c.name, "request": request(c), "expected": expected(setting, c)} for c in cases]
        plain = {"portable": f"{name}.portable.json.gz", "cases": vectors}
        (HERE / f"{name}.vectors.json").write_text(json.dumps(plain, indent=1, allow_nan=False) + "\n")
        print(f"{name}: {len(cases)} cases, {len(masked)} masks")
    for name, schema in (("snapshot", snapshot_schema()), ("portable", portable_schema())):
        (SHIPPED.parent / f"{name}.schema.json").write_text(
            json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        )


if __name__ == "__main__":
    main()
