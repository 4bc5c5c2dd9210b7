"""The sets of recorded judges that `make eval-shared` measures, and what is to be reached on them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moa_scorer.calibration.table import Scale
from moa_scorer.learning.protocol.findings import PANEL, SCORES_ONLY, WITH_STUDENT
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.reading import Reading

if TYPE_CHECKING:
    from moa_scorer.learning.study.study import Study

SMALL: Final = 1500
"""Items times criteria up to which 100 draws of the rated items are made, and five rounds of folds."""
MANY, SOME, FEW, ROUNDS = 100, 30, 10, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A figure to reach with all ratings (five grouped folds), on average over criteria."""

    metric: str
    figure: float
    at_least: bool = True
    """Otherwise at most."""
    method: str = PANEL


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSet:
    """One row of the table; several studies of a file are averaged."""

    label: str
    file: str
    goals: tuple[Goal, ...] = ()
    known: str = ""
    """What was known before: plain mean / best single judge; best with scores only / with measures."""
    judges: tuple[str, ...] = ()
    """Globs; empty = all."""
    complete: bool = False
    """Only items that all of the judges answered."""
    reverse: Scale | None = None
    """The judges' scale where they score the other way; declared only where there are no ratings to tell."""
    student: bool = False
    """Whether the student of comments joins the panel, where all items but a fold's are rated."""
    width: float | None = None
    """Mean width of 90 % intervals known before."""
    draws: int = SOME
    """Draws of the rated items where the set is not small; fewer where a draw takes long."""

    @property
    def slug(self) -> str:
        """A word for file names."""
        return "".join(c if c.isalnum() else "-" for c in self.label.lower())


def _order(figure: float, method: str = PANEL) -> Goal:
    return Goal(metric="spearman", figure=figure, method=method)


LLMS: Final = ("gemini_flash", "gemini_pro", "gpt-4o", "gpt-4o-mini", "llama-31", "mistral-v03")
NINE: Final = ("GPT-4", "Llama*", "Mistral*", "Gemma*", "JudgeLM")

SETS: Final = (
    SharedSet(
        label="SummEval, 6 judges",
        file="summeval.jsonl.gz",
        judges=LLMS,
        known=".503 / .499; .548 / .561",
        goals=(_order(0.58), Goal(metric="spearman within documents", figure=0.57)),
        width=0.407,
    ),
    SharedSet(
        label="SummEval, 15 judges",
        file="summeval.jsonl.gz",
        complete=True,
        known=".526 / .527; .595 / .604",
        goals=(_order(0.62),),
        width=0.423,
    ),
    SharedSet(
        label="HANNA, 20 judges",
        file="hanna.jsonl.gz",
        known=".507 / .451; .537 / .561",
        goals=(_order(0.58),),
        width=0.515,
        draws=FEW,
    ),
    SharedSet(
        label="Topical-Chat",
        file="topicalchat.jsonl.gz",
        known=".601 / .628; .711 / .719",
        goals=(_order(0.735),),
    ),
    SharedSet(
        label="alttest_extra",
        file="alttest_extra.jsonl.gz",
        known=".705 / .687; .718 / –",
        goals=(_order(0.725),),
        width=0.492,
    ),
    SharedSet(
        label="civil_judges, 24 judges",
        file="civil_judges.jsonl.gz",
        known=".576 / .605; .655 / .765, AUC .860 / .915",
        goals=(
            _order(0.665, SCORES_ONLY),
            _order(0.78, WITH_STUDENT),
            Goal(metric="auc", figure=0.92, method=WITH_STUDENT),
        ),
        student=True,
        reverse=Scale(low=9.0, high=0.0),
        draws=FEW,
    ),
    SharedSet(
        label="LLMBar-419, 65 configurations",
        file="llmbar.jsonl.gz",
        complete=True,
        known="accuracy .629 / .872; .921, Brier .064, ECE .028",
        goals=(
            Goal(metric="accuracy", figure=0.935),
            Goal(metric="brier", figure=0.055, at_least=False),
            Goal(metric="ece", figure=0.03, at_least=False),
        ),
    ),
    SharedSet(
        label="TriviaQA, 9 judges",
        file="triviaqa_judges.jsonl.gz",
        judges=NINE,
        known="accuracy .926 / .927; .936, kappa .845, Brier .047",
        goals=(
            Goal(metric="accuracy", figure=0.942),
            Goal(metric="kappa", figure=0.86),
            Goal(metric="brier", figure=0.043, at_least=False),
        ),
    ),
    SharedSet(label="PsychDepth", file="psychdepth.jsonl.gz"),
)


def studies_of(chosen: SharedSet, folder: Path, *, rated: int | None) -> "tuple[Study, ...]":
    """The set's studies, with the items that its row is about."""
    declared = {"*": chosen.reverse} if chosen.reverse is not None and rated == 0 else {}
    studies = read_studies(folder / chosen.file, reading=Reading(judges=chosen.judges, scales=declared))
    return tuple(map(_complete, studies)) if chosen.complete else studies


def repeats_of(chosen: SharedSet, study: "Study", rated: int | None, share: float = 1.0) -> int:
    """Draws of the rated items, a share of the usual number, or rounds of folds."""
    small = len(study.items) * len(study.criteria) <= SMALL
    if rated is None:
        return ROUNDS if small else 1
    return max(round(share * (MANY if small else chosen.draws)), 3)


def _complete(study: "Study") -> "Study":
    every = set(study.judges)
    kept = [i for i in study.items if every <= {j for j, r in study.rows[i.id].items() if r.scores}]
    return replace(study, items=tuple(kept))
