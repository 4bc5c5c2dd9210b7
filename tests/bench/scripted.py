"""A panel of scripted judges with a real fitted snapshot: everything of a request but the models."""

import random
from dataclasses import dataclass, field

import numpy as np

from moa_scorer.calibration.fit import Origin, fit
from moa_scorer.calibration.reference import EMPTY_REFERENCE
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.ballot import Abstention, Evidence, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, JudgeProfile
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.policy import Policy, Rule, Test
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.domain.verdict import Decision
from moa_scorer.measures.facts import observe
from moa_scorer.scoring.catalog import Catalog

JUDGES = ("one", "two", "three", "four", "five")
PROSE = """
the old ferry still crosses bay twice a day though bridge made it unnecessary thirty years ago most mornings
carries no more than dozen people teacher who grades papers on upper deck two brothers sell oysters far shore
and retired pilot claims water tells him weather better any forecast captain could have sold boat when fares
stopped
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is scored: a kind of text, of a length, by some criteria that every judge answers."""

    kind: str
    words: int
    criteria: tuple[str, ...]


COMMENT = Case(kind="comment", words=40, criteria=("civility",))
SUMMARY = Case(kind="summary", words=100, criteria=("coherence", "consistency", "fluency", "relevance"))


def text_of(words: int, seed: int = 0) -> str:
    """English-looking sentences of so many words."""
    drawn = random.Random(seed).choices(PROSE.split(), k=words)
    sentences = [" ".join(drawn[i : i + 14]).capitalize() + "." for i in range(0, words, 14)]
    return " ".join(sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedJudge:
    """Answers at once: a score a criterion that follows from its name and the text, two spans, a critique."""

    name: str
    criteria: tuple[str, ...]
    profile: JudgeProfile = field(init=False)

    def __post_init__(self) -> None:
        made = JudgeProfile(
            name=self.name, title=f"scripted {self.name}", revision="1", criteria=self.criteria
        )
        object.__setattr__(self, "profile", made)

    def estimate(self, content: Content) -> Estimate:
        return Estimate(seconds=0.0)

    async def warm(self) -> None:
        return None

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        shift = (len(content.text) % 7 + JUDGES.index(self.name)) / 20
        return Judgment(
            answers={c: Score(value=0.3 + shift + i / 50) for i, c in enumerate(self.criteria)},
            evidence=tuple(
                _span(content.text, self.criteria[0], start) for start in (0, len(content.text) // 2)
            ),
            critique="The sentences follow each other; the middle repeats itself. The end could be shorter.",
        )


def _span(text: str, criterion: str, start: int) -> Evidence:
    end = min(len(text), start + 40)
    return Evidence(
        quote=text[start:end],
        start=start,
        end=end,
        criterion=criterion,
        polarity=Polarity.AGAINST,
        note="said before",
    )


def scripted_catalog(case: Case, items: int = 300) -> Catalog:
    """Five judges, a rubric, a policy, and a snapshot fitted on simulated ratings."""
    rubric = Rubric(
        name="bench",
        version=1,
        title="bench",
        kinds=(case.kind,),
        criteria=tuple(Criterion(name=c, description=f"Is the text good in {c}?") for c in case.criteria),
        scale_min=1,
        scale_max=5,
    )
    panel = Panel(name="bench", version=1, title="bench", judges=JUDGES, quorum=3, default_rubric="bench")
    snapshot = fit(
        _ratings(case, items),
        rubric=rubric,
        kinds=(case.kind,),
        languages=("en",),
        panel=panel,
        judge_revisions=dict.fromkeys(JUDGES, "1"),
        seed=1,
        origin=Origin(created="2026-01-01", code="bench"),
    )
    return Catalog(
        panels=(panel,),
        rubrics=(rubric,),
        policies=(_policy(),),
        judges={name: ScriptedJudge(name=name, criteria=case.criteria) for name in JUDGES},
        snapshots=(snapshot,),
        reference=EMPTY_REFERENCE,
        default_panel="bench",
    )


def _policy() -> Policy:
    return Policy(
        name="bench",
        version=1,
        title="bench",
        rules=(
            Rule(test=Test.NOT_VALID, then=Decision.REVIEW),
            Rule(test=Test.UPPER_BELOW, threshold=0.3, then=Decision.REJECT),
            Rule(test=Test.INTERVAL_CROSSES, threshold=0.3, then=Decision.REVIEW),
        ),
        otherwise=Decision.ACCEPT,
        on_unscored=Decision.REVIEW,
    )


def _ratings(case: Case, items: int) -> RatedTable:
    """Five noisy readings of a simulated quality, the measures of made-up texts, three raters."""
    draw = np.random.default_rng(3)
    quality = draw.uniform(0.1, 0.9, size=(items, len(case.criteria)))
    columns = [f"{judge}/{criterion}" for judge in JUDGES for criterion in case.criteria]
    scores = np.clip(
        np.tile(quality, len(JUDGES)) + draw.normal(0, 0.15, size=(items, len(columns))), 0.0, 1.0
    )
    measured = [
        observe(content_of(case, int(draw.integers(20, 300)), seed)).measures for seed in range(items)
    ]
    names = list(measured[0])
    return RatedTable(
        columns=(*columns, *(f"measures/{name}" for name in names)),
        values=np.hstack([scores, [[facts[name] for name in names] for facts in measured]]),
        targets={
            c: np.clip(quality[:, i] + draw.normal(0, 0.08, items), 0, 1) for i, c in enumerate(case.criteria)
        },
        ids=tuple(f"item-{i}" for i in range(items)),
        groups=tuple(f"group-{i // 3}" for i in range(items)),
        sources=("",) * items,
        raters=np.full(items, 3.0),
    )


def content_of(case: Case, words: int, seed: int = 0) -> Content:
    """A made-up text of the case's kind."""
    return Content(text=text_of(words, seed), language="en", kind=case.kind)
