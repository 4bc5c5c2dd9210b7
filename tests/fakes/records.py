"""Records as the real pipeline makes them: judges that say what a table of ratings holds, or abstain."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.budget import Budget
from moa_scorer.domain.content import Content
from moa_scorer.domain.panel import Layer
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.verdict import Decision
from moa_scorer.scoring.catalog import Catalog
from moa_scorer.scoring.keeping import new_name
from moa_scorer.scoring.pipeline import Pipeline
from tests.fakes.judges import STRICT, Outcome, Script, ScriptedJudge, SystemClock
from tests.fakes.ratings import SKILLS, ballots_of, fitted, make_panel, make_rubric, simulate

KINDS = ("essay", "essay", "essay", "comment", "")
REASONS = (AbstentionReason.REFUSED, AbstentionReason.TIMEOUT, AbstentionReason.RATE_LIMITED)
CAREFUL = Policy(
    name="careful",
    version=1,
    title="Only what the interval is sure of",
    rules=(
        Rule(test=Test.UPPER_BELOW, threshold=0.45, then=Decision.REJECT),
        Rule(test=Test.LOWER_AT_LEAST, threshold=0.55, then=Decision.ACCEPT),
    ),
    otherwise=Decision.REVIEW,
    on_unscored=Decision.REVIEW,
)


def lose_a_bit(database: Path, name: str, part: str) -> None:
    """Damages a part of a stored record, in a SQLite file."""
    with closing(sqlite3.connect(database)) as open_, open_:
        (content,) = open_.execute(f"SELECT {part} FROM records WHERE name = ?", (name,)).fetchone()
        flipped = bytes([content[0] ^ 1]) + content[1:]
        open_.execute(f"UPDATE records SET {part} = ? WHERE name = ?", (flipped, name))


def rated(items: int = 120) -> RatedTable:
    """Rated items without measures: the pipeline takes those of the text."""
    return simulate(items, measures=False)


def saying(judge: str, table: RatedTable, absent: Mapping[str, Abstention]) -> Script:
    """What the table holds for the item that the content's id names; the abstention where there is one."""

    def script(content: Content) -> Outcome:
        if f"{content.id}/{judge}" in absent:
            return absent[f"{content.id}/{judge}"]
        item = table.ids.index(content.id)
        outcome = next(b.outcome for b in ballots_of(table, item) if b.judge == judge)
        assert isinstance(outcome, Judgment)
        return outcome

    return script


def absences(table: RatedTable, share: float, seed: int = 0) -> dict[str, Abstention]:
    """`item/judge` -> an abstention, drawn with this probability."""
    rng = np.random.default_rng(seed)
    return {
        f"{item}/{judge}": Abstention(reason=REASONS[rng.integers(len(REASONS))], detail="scripted")
        for item in table.ids
        for judge in SKILLS
        if rng.random() < share
    }


def recorded_catalog(
    table: RatedTable,
    *,
    snapshots: Sequence[Snapshot] = (),
    absent: Mapping[str, Abstention] | None = None,
    layers: Sequence[Layer] = (),
) -> Catalog:
    """The panel `trio` over the table's judges; no snapshot = nobody has rated."""
    judges = {name: ScriptedJudge(name, saying(name, table, absent or {})) for name in SKILLS}
    return Catalog(
        panels=(replace(make_panel(), layers=tuple(layers)),),
        rubrics=(make_rubric(),),
        policies=(STRICT, CAREFUL),
        judges=judges,
        snapshots=tuple(snapshots),
        reference=EMPTY_REFERENCE,
        default_panel="trio",
    )


def snapshot_of(table: RatedTable, **over: object) -> Snapshot:
    """A fit that the scripted judges' revisions belong to."""
    return fitted(table, judge_revisions=dict.fromkeys(SKILLS, "1"), **over)


def request_of(item: str, number: int = 0, **over: object) -> ScoreRequest:
    """A request for the item; its kind and policy change with the number."""
    content = Content(
        text=f"The essay {item} says a thing or two, and then it says them again in other words.",
        id=item,
        kind=KINDS[number % len(KINDS)],
    )
    arguments: dict[str, object] = {"policy": ("careful", "strict", "")[number % 3], **over}
    return ScoreRequest(content=content, **arguments)  # type: ignore[arg-type]


async def scored(catalog: Catalog, requests: Sequence[ScoreRequest]) -> list[Record]:
    """The requests' records, each with a name."""
    pipeline = Pipeline(catalog, SystemClock())
    deadline = pipeline.clock.monotonic() + 600
    records = [await pipeline.score(request, Budget(deadline)) for request in requests]
    return [replace(record, name=new_name(), unrecorded=None) for record in records]


async def many_records(items: int = 60, share: float = 0.3) -> tuple[Catalog, list[Record]]:
    """A catalogue with a fitted snapshot, and records of many masks, kinds and policies, some unscored."""
    table = rated(120)
    catalog = recorded_catalog(table, snapshots=(snapshot_of(table),), absent=absences(table, share))
    requests = [request_of(table.ids[k % len(table.ids)], k) for k in range(items)]
    return catalog, await scored(catalog, requests)
