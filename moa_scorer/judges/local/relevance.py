"""Whether a text is about what it answers: similarity of its embeddings to those of its context or title."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.evidence import against, clipped, in_favour, sentence
from moa_scorer.judges.local.detector import Detect, DetectorSpec
from moa_scorer.judges.local.encoder import Encoder, Passages, Vectors, cosine
from moa_scorer.judges.local.encoder_source import EncoderSource
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.readable import not_english, revision, too_short

VERSION: Final = 1
CRITERIA: Final = ("relevance", "coverage", "focus")

_BEST_POINTS: Final = 3
"""Points of the context whose coverage counts: a good answer takes up some of a context, rarely all."""
_NEAR: Final = 0.3
"""Cosine from which a piece is said to be about the context."""
_FAR: Final = 0.2
"""Cosine under which a piece is held against the text."""
_WORDS: Final = (
    (0.5, "the text is closely about {what}"),
    (0.25, "the text is related to {what}"),
    (0.15, "the text touches {what} only loosely"),
    (-1.0, "the text has little to do with {what}"),
)
_SHARES: Final = (
    (1.0, "every sentence comes"),
    (0.6, "most sentences come"),
    (0.4, "about half of the sentences come"),
    (1e-9, "few sentences come"),
    (0.0, "no sentence comes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How a text's pieces lie to a context's; cosines, in [-1, 1]."""

    whole: float
    """The mean of the text against the mean of the context."""
    coverage: float
    """Mean over the best-covered points of the context of their nearest piece of the text."""
    pieces: tuple[float, ...]
    """Each piece of the text against its nearest point of the context."""

    @property
    def focus(self) -> float:
        """Mean over the pieces of the text."""
        return sum(self.pieces) / len(self.pieces)


def match(text: Vectors, context: Vectors) -> Match:
    """Compares embeddings of unit length, at least one row each."""
    near = text @ context.T
    best = np.sort(near.max(axis=0))[-_BEST_POINTS:]
    return Match(
        whole=cosine(text.mean(axis=0), context.mean(axis=0)),
        coverage=float(best.mean()),
        pieces=tuple(float(value) for value in near.max(axis=1)),
    )


def relevance_spec(encoder: EncoderSource) -> DetectorSpec:
    """The judge of relevance; with one source it shares its embeddings with coherence."""
    return DetectorSpec(
        profile=JudgeProfile(
            name="relevance",
            title="Whether the text is about its context or title, by sentence embeddings",
            revision=revision("relevance", VERSION, encoder.identities),
            criteria=CRITERIA,
            languages=("en",),
            detector=True,
            family="all-MiniLM-L6-v2",
        ),
        load=lambda: _detector(encoder()),
        seconds_per_character=9e-5,
    )


def _detector(encoder: Encoder) -> Detect:
    def detect(content: Content, stop: Stop) -> Judgment | Abstention:
        if unfit := _unfit(content):
            return unfit
        context = encoder.passages(content.reference, stop)
        text = encoder.passages(content.text, stop)
        return _judgment(content, text, match(text.vectors, context.vectors))

    return detect


def _unfit(content: Content) -> Abstention | None:
    """Why this content cannot be compared, if it cannot."""
    if not content.reference.strip():
        return Abstention(
            reason=AbstentionReason.NO_CONTEXT, detail="give the prompt, question, source or title"
        )
    return too_short(content.text) or not_english(content) or not_english(Content(text=content.reference))


def _judgment(content: Content, text: Passages, found: Match) -> Judgment:
    values = (found.whole, found.coverage, found.focus)
    return Judgment(
        answers={name: Score(value=clipped(value)) for name, value in zip(CRITERIA, values, strict=True)},
        evidence=_evidence(content, text, found),
        critique=_critique(content, found),
        read_fraction=text.fraction,
    )


def _what(content: Content) -> str:
    return "its context" if content.context else "its title"


def _evidence(content: Content, text: Passages, found: Match) -> tuple[Evidence, ...]:
    """The piece nearest to the context, and the furthest one when it is far."""
    near, far = int(np.argmax(found.pieces)), int(np.argmin(found.pieces))
    what = _what(content)
    cited: list[Evidence] = []
    if found.pieces[near] >= _FAR:
        cited.append(in_favour(content.text, *text.spans[near], "relevance", f"closest to {what}"))
    if found.pieces[far] < _FAR:
        cited.append(against(content.text, *text.spans[far], "focus", f"furthest from {what}"))
    return tuple(sorted(cited, key=lambda item: item.start))


def _critique(content: Content, found: Match) -> str:
    what = _what(content)
    words = next(words for least, words in _WORDS if found.whole >= least).format(what=what)
    if len(found.pieces) == 1:
        return sentence(words)
    near = sum(1 for value in found.pieces if value >= _NEAR) / len(found.pieces)
    share = next(share for least, share in _SHARES if near >= least)
    return f"{sentence(words)} {sentence(f'{share} near to it')}"
