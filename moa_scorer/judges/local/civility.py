"""Abuse and profanity, by a linear model of words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.evidence import against, chosen, counted, in_favour, sentence, untouched_sentence
from moa_scorer.judges.local.civility_model import Abuse, CivilityModel, TermHit
from moa_scorer.judges.local.detector import Detect, DetectorSpec
from moa_scorer.judges.local.models import ModelStore
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.readable import not_english, revision, too_short
from moa_scorer.measures.language import warm
from moa_scorer.measures.windows import Span, read_fraction, windows

VERSION: Final = 1
CRITERIA: Final = ("civility", "restraint", "mildness")
FILE: Final = "civility.npz"

_NOTICEABLE: Final = 0.3
_PATIENCE: Final = 4.0
_HARD: Final = 55.0
_HARD_IN_ABUSE: Final = 40.0
_SUSPECT: Final = 0.3
_SOFTNESS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What the model says of a text."""

    text: str
    read: tuple[Span, ...]
    abuse: Abuse
    """Of the parts that were read, joined by line breaks; its places count in these."""
    strengths: Mapping[str, float]
    """Known term of the text -> log-odds of abuse it would add alone, whatever the length of the text."""

    @property
    def hard(self) -> tuple[TermHit, ...]:
        """Hits of the terms that mark abuse, the hardest first, in the order of the text among equals."""
        least = _HARD_IN_ABUSE if self.abuse.probability >= _SUSPECT else _HARD
        found = [hit for hit in self.abuse.hits if self.strengths[hit.term] >= least]
        return tuple(sorted(found, key=lambda hit: (-self.strengths[hit.term], hit.start)))

    def evidence(self, hit: TermHit, note: str) -> Evidence:
        """The hit as a span of the text as received."""
        shift = 0
        for start, end in self.read:
            if hit.start < shift + end - start:
                return against(
                    self.text, start + hit.start - shift, start + hit.end - shift, "civility", note
                )
            shift += end - start + 1
        raise ValueError("the hit lies in no part that was read")


def civility_spec(store: ModelStore) -> DetectorSpec:
    """The judge of abuse. It needs the file `civility.npz` of the store."""
    return DetectorSpec(
        profile=JudgeProfile(
            name="civility",
            title="Abuse and profanity, by a linear model of words",
            revision=revision("civility", VERSION, (store.identity(FILE),)),
            criteria=CRITERIA,
            languages=("en",),
            detector=True,
            family="alt-profanity-check",
        ),
        load=lambda: _load(store),
        seconds_per_character=0.5e-6,
    )


def _load(store: ModelStore) -> Detect:
    model = CivilityModel.load(store.path(FILE))
    warm()
    strengths = -(model.coefficients * model.slopes[:, None]).mean(axis=0) * model.idf

    def detect(content: Content, stop: Stop) -> Judgment | Abstention:
        stop.check()
        if refused := too_short(content.text, fewest=1) or not_english(content):
            return refused
        read = windows(content.text)
        abuse = model("\n".join(content.text[start:end] for start, end in read))
        if not abuse.hits:
            return Abstention(reason=AbstentionReason.TOO_SHORT, detail="no word that the model knows")
        known = {hit.term: float(strengths[model.columns[hit.term]]) for hit in abuse.hits}
        return _judge(_Look(text=content.text, read=read, abuse=abuse, strengths=known))

    return detect


def _judge(look: _Look) -> Judgment:
    """`civility`: 1 - probability of abuse. `restraint`: exp(-weight of abusive words, in proportion to the
    text's length, / 4). `mildness`: exp(-strength of the hardest word / 60)."""
    weight = math.fsum(hit.amount for hit in look.abuse.hits if hit.amount > _NOTICEABLE)
    hardest = max(0.0, *look.strengths.values())
    return Judgment(
        answers={
            "civility": Score(value=min(1.0, max(0.0, 1.0 - look.abuse.probability))),
            "restraint": Score(value=math.exp(-weight / _PATIENCE)),
            "mildness": Score(value=math.exp(-hardest / _SOFTNESS)),
        },
        evidence=_evidence(look),
        critique=_critique(look),
        read_fraction=read_fraction(look.text, look.read),
    )


def _evidence(look: _Look) -> tuple[Evidence, ...]:
    hard = look.hard
    if hard:
        return chosen(look.evidence(hit, "frequent in abuse") for hit in hard)
    worst = max(look.abuse.hits, key=lambda hit: (hit.amount, -hit.start))
    if look.abuse.probability >= 0.5 and worst.amount > 0:
        return (look.evidence(worst, "weighs most towards abuse"),)
    clean = untouched_sentence(look.text, look.read, ())
    return (in_favour(look.text, *clean, "civility", "no abusive word"),) if clean else ()


def _critique(look: _Look) -> str:
    hard = look.hard
    if hard:
        return sentence(f"{counted(len(hard), 'word')} frequent in abuse")
    if look.abuse.probability >= 0.5:
        return "No single abusive word stands out, but the words together are more frequent in abuse."
    return "No abusive words were found; abuse without such words would be missed."
