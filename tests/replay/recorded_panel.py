"""The embedded panels with ballots that their judges once cast, and requests of great variety for them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Final

from moa_scorer.app.compose import compose
from moa_scorer.app.settings import Settings
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, Judge, JudgeProfile
from moa_scorer.domain.panel import Layer, Panel, When
from moa_scorer.domain.request import Retention, ScoreRequest
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.tenant import DEFAULT_TENANT
from moa_scorer.learning.study.ratings import RatedItem, read_ratings
from moa_scorer.learning.study.rows import ballot_of, read_rows
from moa_scorer.scoring.catalog import Catalog

DATA: Final = Path(__file__).resolve().parents[1] / "data"
FILES: Final = {"summary": "summeval", "story": "hanna", "comment": "moderation"}
"""Kind of content -> file of its items; the file of ballots goes by the kind."""
TURN: Final = ("comment", "summary", "comment", "story", "comment", "comment")
FAST: Final = ("lexical", "civility", "integrity", "student")
STUDENT: Final = ("civility", "restraint", "mildness")
TIERS: Final = "tiers"
"""A panel made here: the fast judges, then the others while the decision is open."""
PANELS: Final = ("embedded", "embedded", "embedded-fast", TIERS)
POLICIES: Final = ("", "quality", "comments", "comments-careful")
REASONS: Final = (
    AbstentionReason.REFUSED,
    AbstentionReason.TIMEOUT,
    AbstentionReason.RATE_LIMITED,
    AbstentionReason.UNPARSEABLE,
    AbstentionReason.UNSUPPORTED_LANGUAGE,
)
MASKS: Final = 24
"""Different sets of judges that are away; the weights of each take tens of milliseconds to work out."""
Said = Mapping[str, Mapping[str, Judgment | Abstention]]
"""Item -> judge -> what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Items and what the embedded judges said of them."""

    items: tuple[RatedItem, ...]
    said: Said


@cache
def recorded() -> Recorded:
    """Everything in the repository, kinds in turn; short comments more often than long stories."""
    said: dict[str, dict[str, Judgment | Abstention]] = {}
    lists: dict[str, list[RatedItem]] = {}
    for kind, name in FILES.items():
        rows = read_rows(DATA / "ballots" / f"{kind}.jsonl.gz")
        said |= {item: {j: ballot_of(row).outcome for j, row in own.items()} for item, own in rows.items()}
        items = [item for item in read_ratings(DATA / f"{name}.jsonl.gz") if item.id in rows]
        for item in items:
            said[item.id].setdefault("student", _student(item))
        lists[kind] = items
    turns = range(max(map(len, lists.values())))
    return Recorded(items=tuple(lists[kind][k % len(lists[kind])] for k in turns for kind in TURN), said=said)


def _student(item: RatedItem) -> Judgment | Abstention:
    """The student's ballots are not recorded: of a comment it says what people said of it."""
    ratings = item.ratings.get("civility")
    if not ratings:
        return Abstention(reason=AbstentionReason.NOT_APPLICABLE, detail="no comment")
    return Judgment(answers={name: Score(value=fmean(ratings)) for name in STUDENT})


@dataclass(frozen=True, slots=True)
class RecordedJudge:
    """Says again what the judge said of the item that the content's id names, unless it is away."""

    real: Judge
    said: Said

    @property
    def profile(self) -> JudgeProfile:
        return self.real.profile

    def estimate(self, content: Content) -> Estimate:
        return self.real.estimate(content)

    async def warm(self) -> None: ...

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        number, _, item = content.id.partition(":")
        if (why := away(int(number)).get(self.profile.name)) is not None:
            return Abstention(reason=why, detail="was away")
        missing = Abstention(reason=AbstentionReason.MODEL_MISSING, detail="no ballot was recorded")
        return self.said[item].get(self.profile.name, missing)


def away(number: int) -> Mapping[str, AbstentionReason]:
    """Judge -> why it does not answer the request of that number; nobody in a third of them."""
    drawn = random.Random(f"mask {number % (MASKS * 3 // 2)}")
    if number % 3 == 0:
        return {}
    share = drawn.choice((0.15, 0.3, 0.6, 0.9))
    judges = (*FAST, "mechanics", "relevance", "coherence", "fluency")
    return {judge: drawn.choice(REASONS) for judge in judges if drawn.random() < share}


@cache
def recorded_catalog() -> Catalog:
    """The shipped catalogue with recorded judges, and the panel `tiers` with the snapshots of `embedded`."""
    application = compose(Settings(database="off", cache=False))
    application.close()
    real = application.catalog
    tiers = _tiers(real.panel(DEFAULT_TENANT, "embedded"))
    fitted = [replace(s, panel=tiers.revision) for s in real.snapshots if s.panel == "embedded@1"]
    return replace(
        real,
        judges={name: RecordedJudge(judge, recorded().said) for name, judge in real.judges.items()},
        panels=(*real.panels, tiers),
        snapshots=(*real.snapshots, *fitted),
    )


def _tiers(panel: Panel) -> Panel:
    others = tuple(judge for judge in panel.judges if judge not in FAST)
    layers = (
        Layer(judges=FAST, reads=False),
        Layer(judges=others, when=When.UNDECIDED, reads=False),
    )
    return replace(panel, name=TIERS, judges=(*FAST, *others), layers=layers, quorum=2)


def request_of(number: int, items: Sequence[RatedItem]) -> ScoreRequest:
    """The request of that number: kind, panel, policy, rubric, quorum, retention and marks vary."""
    drawn = random.Random(number)
    item = items[number % len(items)]
    kind = item.kind if drawn.random() < 0.8 else drawn.choice(("", "comment", "answer"))
    content = Content(text=item.text, context=item.context, kind=kind, id=f"{number}:{item.id}")
    return ScoreRequest(
        content=content,
        panel=drawn.choice(PANELS),
        rubric=drawn.choice(("", "", "", item.kind, "general")),
        policy=drawn.choice(POLICIES),
        quorum=drawn.choice((None, None, None, 1, 3)),
        retention=Retention.NUMBERS if drawn.random() < 0.1 else Retention.FULL,
        subject=f"user-{number % 997}",
        tags={"round": str(number % 10)},
    )
