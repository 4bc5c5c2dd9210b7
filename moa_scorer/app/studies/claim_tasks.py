"""What `make claim` compares: recorded judges, the models behind them, and what asking them would take.

Tokens are estimated, not recorded: characters / 4 of what a judge reads, and of its critique where one is
recorded, plus a fixed overhead for instructions and the answer's form. Recorded texts are cut at about 1,500
characters, so costs are too low for all judges alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from moa_scorer.learning.choice.contenders import Contender
from moa_scorer.learning.study.ratings import RatedItem
from moa_scorer.learning.study.study import Study
from moa_scorer.providers.prices import Price, PriceTable

CHARACTERS: Final = 4
"""To a token."""
INSTRUCTIONS: Final = 250
"""Tokens of instructions a call."""
ANSWER: Final = 10
"""Tokens of an answer that is a score or a choice."""
SHOT: Final = 400
"""Tokens of a worked example."""
QUESTIONS: Final = 100
"""Tokens of the metrics that a judge first writes for itself."""
SMALL: Final = 1_000_000
"""Millionths of a dollar for a million input tokens: up to here a vendor's model counts as small."""
SHARE: Final = 0.1
"""Of the dearest judge's cost: the budget of the panel that is chosen by value per cost."""
DEAREST: Final = "the dearest judge"
BEST: Final = "best single judge"
OPEN: Final = "open weights, all"
SMALL_PANEL: Final = "open weights and small, all"
WITHIN: Final = f"chosen within {SHARE:.0%} of the dearest's cost"
ANY: Final = "chosen from all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What one judge takes for one item."""

    read: float
    written: float

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(read=self.read + other.read, written=self.written + other.written)

    def times(self, count: float) -> "Tokens":
        """As many such calls."""
        return Tokens(read=self.read * count, written=self.written * count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A study with the models of its judges."""

    study: Study
    models: Mapping[str, str]
    """Name of the judge up to its prompt -> model id of the price table."""
    open_weights: frozenset[str]
    """Of these names."""
    tokens: Callable[[str, Study], Tokens]
    """(judge, study) -> mean tokens of an item."""
    note: str
    """What was compared, in a sentence."""
    pairs: bool = False
    """Whether people chose one of two: then accuracy means something."""


def model_name(judge: str) -> str:
    """The judge's name up to its prompt."""
    return judge.partition(":")[0]


def prices_of(task: Task, table: PriceTable) -> dict[str, Price]:
    """Judge -> price of its model, where one is known."""
    found = {
        j: table.find(task.models[model_name(j)]) for j in task.study.judges if model_name(j) in task.models
    }
    return {j: entry.price for j, entry in found.items() if entry is not None}


def costs_of(task: Task, prices: Mapping[str, Price]) -> dict[str, float]:
    """Judge -> millionths of a dollar an item."""
    found = {}
    for judge, price in prices.items():
        tokens = task.tokens(judge, task.study)
        found[judge] = (tokens.read * price.input + tokens.written * price.output) / 1_000_000
    return found


def contenders_of(
    task: Task, prices: Mapping[str, Price], costs: Mapping[str, float]
) -> tuple[Contender, ...]:
    """The dearest single judge and everything that stands beside it; judges without a price stay out."""
    dearest = max(costs, key=lambda j: costs[j])
    priced = tuple(j for j in task.study.judges if j in costs)
    opened = tuple(j for j in priced if model_name(j) in task.open_weights)
    small = tuple(j for j in priced if j in opened or prices[j].input <= SMALL)
    return (
        Contender(name=DEAREST, pool=(dearest,)),
        Contender(name=BEST, pool=priced, chosen=True, most=1),
        Contender(name=OPEN, pool=opened),
        Contender(name="open weights, chosen", pool=opened, chosen=True),
        Contender(name=SMALL_PANEL, pool=small),
        Contender(name="open weights and small, chosen", pool=small, chosen=True),
        Contender(
            name=WITHIN,
            pool=priced,
            chosen=True,
            budget=SHARE * costs[dearest],
            by_cost=True,
        ),
        Contender(name=ANY, pool=priced, chosen=True),
        Contender(name="all judges", pool=priced),
    )


def summaries(study: Study, critiques: Mapping[str, float]) -> Task:
    """Summaries that every judge scored, each criterion asked about by a call of its own."""

    def tokens(judge: str, study: Study) -> Tokens:
        read = _mean(study.items, lambda i: i.context + i.text)
        answer = ANSWER + critiques.get(judge, 0.0) / CHARACTERS
        return Tokens(read=INSTRUCTIONS + read, written=answer).times(len(study.criteria))

    return Task(
        study=replace(study, items=tuple(i for i in study.items if _by_all(study, i))),
        models=SUMMARY_MODELS,
        open_weights=frozenset({"llama-31", "mistral-v03"} | {m for m in SUMMARY_MODELS if "llama-2" in m}),
        tokens=tokens,
        note="summaries that every judge scored; a call for each of the four criteria",
    )


def _by_all(study: Study, item: RatedItem) -> bool:
    row = study.rows.get(item.id, {})
    return all(j in row and set(study.criteria) <= set(row[j].scores) for j in study.judges)


def pairs(study: Study, critiques: Mapping[str, float], prefix: str) -> Task:
    """Pairs of answers from these subsets, each shown in both orders."""

    def tokens(judge: str, study: Study) -> Tokens:
        return pair_tokens(
            judge.partition(":")[2],
            question=_mean(study.items, lambda i: i.context),
            answers=_mean(study.items, lambda i: i.text),
            critique=critiques.get(judge, 0.0) / CHARACTERS,
        )

    return Task(
        study=replace(study, items=tuple(i for i in study.items if i.system.startswith(prefix))),
        models=PAIR_MODELS,
        open_weights=frozenset({"LLaMA2", "Falcon"}),
        tokens=tokens,
        note=f"pairs of {prefix}*, people's choice; every pair in both orders",
        pairs=True,
    )


def pair_tokens(prompt: str, *, question: float, answers: float, critique: float) -> Tokens:
    """What a prompt takes for a pair in both orders; all sizes in tokens.

    `Metrics` and `Reference` first write questions or an answer of their own, once; `Rating` reads one answer
    a call; `Swap` reads its two verdicts once more; `CoT` writes a critique.
    """
    parts = set(prompt.split("_"))
    once, shown = Tokens(read=0, written=0), 0.0
    if "Metrics" in parts:
        once += Tokens(read=INSTRUCTIONS + question, written=QUESTIONS)
        shown += QUESTIONS
    if "Reference" in parts:
        once += Tokens(read=INSTRUCTIONS + question, written=answers / 2)
        shown += answers / 2
    shown += SHOT * (("1shot" in parts) + 2 * ("2shot" in parts))
    seen = answers / 2 if "Rating" in parts else answers
    each = Tokens(read=INSTRUCTIONS + question + seen + shown, written=ANSWER + critique)
    again = Tokens(read=each.read + 2 * each.written, written=ANSWER + critique)
    return once + each.times(2) + (again if "Swap" in parts else Tokens(read=0, written=0))


def mean_critiques(lines: Sequence[Mapping[str, object]]) -> dict[str, float]:
    """Judge -> mean characters of its recorded critiques."""
    found: dict[str, list[int]] = {}
    for line in lines:
        judges = line.get("judges")
        for judge, answer in judges.items() if isinstance(judges, dict) else ():
            if answer and answer.get("critique"):
                found.setdefault(judge.replace("/", ":"), []).append(len(answer["critique"]))
    return {judge: float(np.mean(sizes)) for judge, sizes in found.items()}


def _mean(items: Sequence[RatedItem], text: Callable[[RatedItem], str]) -> float:
    """Mean tokens of a part of the items."""
    return float(np.mean([len(text(item)) for item in items])) / CHARACTERS


SUMMARY_MODELS: Final = {
    "gemini_flash": "gemini-1.5-flash",
    "gemini_pro": "gemini-1.5-pro",
    "gpt-4o": "gpt-4o",
    "gpt-4o-mini": "gpt-4o-mini",
    "llama-31": "llama-3.1-70b-instruct",
    "mistral-v03": "mistral-7b-instruct",
    "gpt-4-0314": "gpt-4-0314",
    "gpt-3.5-turbo-0301": "gpt-3.5-turbo-0301",
    "llama-2-7b-chat-hf": "llama-2-7b-chat",
    "llama-2-13b-chat-hf": "llama-2-13b-chat",
    "llama-2-70b-chat-hf": "llama-2-70b-chat",
}
PAIR_MODELS: Final = {
    "GPT-4": "gpt-4-0613",
    "ChatGPT": "gpt-3.5-turbo-0613",
    "ChatGPT-0301": "gpt-3.5-turbo-0301",
    "LLaMA2": "llama-2-70b-chat",
    "PaLM2": "text-bison",
}
"""Falcon-180B has no price that was found."""
