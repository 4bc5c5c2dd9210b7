"""How far edits that should not matter move a score: what a difference must exceed to mean anything."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from moa_scorer.app.studies.collect import collect
from moa_scorer.domain.record import Record
from moa_scorer.domain.request import ScoreRequest
from moa_scorer.domain.verdict import Scored
from moa_scorer.scoring.pipeline import Pipeline

Edit = Callable[[str, random.Random], str]


def wider_spaces(text: str, rng: random.Random) -> str:
    """One space in ten doubled, and a line break at the end."""
    return "".join(c + " " if c == " " and rng.random() < 0.1 else c for c in text) + "\n"


def other_case(text: str, rng: random.Random) -> str:
    """The first letter of one word in thirty in its other case."""
    words = text.split(" ")
    return " ".join(w[:1].swapcase() + w[1:] if rng.random() < 1 / 30 else w for w in words)


def one_typo(text: str, rng: random.Random) -> str:
    """Two neighbouring letters swapped in one word of four letters or more."""
    at = [i for i in range(1, len(text) - 3) if text[i - 1 : i + 3].isalpha() and text[i] != text[i + 1]]
    if not at:
        return text
    i = rng.choice(at)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


EDITS: Final[Mapping[str, Edit]] = {
    "white space": wider_spaces,
    "case of one word in thirty": other_case,
    "one typo": one_typo,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What one kind of edit did."""

    edit: str
    items: int
    """Items scored both before and after."""
    mean: float
    """Mean absolute change of the overall score, in [0, 1]."""
    p95: float
    """95th percentile of it."""


async def noise_floor(
    pipeline: Pipeline, requests: Sequence[ScoreRequest], seed: int, at_once: int
) -> tuple[Noise, ...]:
    """Scores each request as it is and after each kind of edit; ids must be unique."""
    before = await _scores(pipeline, requests, at_once)
    found = []
    for name, edit in EDITS.items():
        rng = random.Random(f"{seed}/{name}")
        edited = [replace(r, content=replace(r.content, text=edit(r.content.text, rng))) for r in requests]
        after = await _scores(pipeline, edited, at_once)
        moved = sorted(abs(after[i] - before[i]) for i in before.keys() & after.keys())
        if moved:
            p95 = moved[min(len(moved) - 1, int(0.95 * len(moved)))]
            found.append(Noise(edit=name, items=len(moved), mean=sum(moved) / len(moved), p95=p95))
    return tuple(found)


async def _scores(pipeline: Pipeline, requests: Sequence[ScoreRequest], at_once: int) -> dict[str, float]:
    records = [s async for s in collect(pipeline, requests, at_once)]
    return {s.request.content.id: score for s in records if (score := _overall(s)) is not None}


def _overall(record: Record) -> float | None:
    outcome = record.verdict.outcome
    return outcome.overall.score if isinstance(outcome, Scored) else None
