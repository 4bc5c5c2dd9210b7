"""Whether sentences follow from one another: embeddings of neighbours, of beginning and end, of repeats.

Nearness of neighbours alone is no score: in rated stories it falls with quality, for repetitive texts have
most of it. What the parts weigh was chosen on the ratings of SummEval and HANNA without their final groups.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Evidence, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.judges.evidence import against, clipped, counted, in_favour, sentence
from moa_scorer.judges.local.detector import Detect, DetectorSpec
from moa_scorer.judges.local.encoder import Encoder, Passages, Vectors, cosine
from moa_scorer.judges.local.encoder_source import EncoderSource
from moa_scorer.judges.local.pool import Stop
from moa_scorer.judges.local.readable import not_english, revision, too_short

VERSION: Final = 2
CRITERIA: Final = ("coherence", "flow", "repetition", "breadth")

FEWEST: Final = 3
"""Sentences below which there is no order to judge."""
_REPEATED: Final = (0.6, 0.95)
"""Cosine to an earlier sentence at which a sentence begins to count as a repeat, and counts in full."""
_ORDERED: Final = (-0.05, 0.12)
"""How much nearer neighbours are than others: that of shuffled sentences, and that of ordered ones."""
_HELD: Final = (0.1, 0.7)
"""Cosine of the first third to the last: another text, and one thread held throughout."""
_SHARES: Final = (0.4, 0.2, 0.4)
"""Of coherence: granted to any text, for order, for holding the thread."""
_BREAK: Final = 0.1
"""Cosine between neighbours under which the step is cited as a break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How a text's sentences lie to each other, of two or more; cosines."""

    steps: tuple[float, ...]
    """Each sentence to the one before it: one fewer than there are sentences."""
    repeats: tuple[float, ...]
    """Each sentence but the first to its nearest earlier one."""
    mean: float
    """Over all pairs."""
    order: float | None
    """Mean of neighbours less mean of all others; None for fewer than three sentences."""
    held: float
    """The first third's mean to the last third's."""


def flow(vectors: Vectors) -> Flow:
    """Measures embeddings of unit length in text order; at least two rows."""
    count = len(vectors)
    near = (vectors @ vectors.T).astype(np.float64)
    steps = np.diagonal(near, 1)
    third = max(1, count // 3)
    return Flow(
        steps=tuple(float(value) for value in steps),
        repeats=tuple(float(near[row, :row].max()) for row in range(1, count)),
        mean=float(near[np.triu_indices(count, 1)].mean()),
        order=float(steps.mean() - near[np.triu_indices(count, 2)].mean()) if count >= FEWEST else None,
        held=cosine(vectors[:third].mean(axis=0), vectors[-third:].mean(axis=0)),
    )


def _ramp(value: float, ends: tuple[float, float]) -> float:
    """0 up to the first end, 1 from the second, a line between."""
    low, high = ends
    return clipped((value - low) / (high - low))


def freshness(found: Flow) -> float:
    """1 less the share of sentences that say again what was said, in [0, 1]."""
    return 1.0 - sum(_ramp(value, _REPEATED) for value in found.repeats) / len(found.repeats)


def coherence_spec(encoder: EncoderSource) -> DetectorSpec:
    """The judge of coherence; with one source it shares its embeddings with relevance."""
    return DetectorSpec(
        profile=JudgeProfile(
            name="coherence",
            title="Whether sentences follow from one another, by their embeddings",
            revision=revision("coherence", VERSION, encoder.identities),
            criteria=CRITERIA,
            languages=("en",),
            detector=True,
            family="all-MiniLM-L6-v2",
        ),
        load=lambda: _detector(encoder()),
        seconds_per_character=8e-5,
    )


def _detector(encoder: Encoder) -> Detect:
    def detect(content: Content, stop: Stop) -> Judgment | Abstention:
        if unfit := too_short(content.text) or not_english(content):
            return unfit
        text = encoder.passages(content.text, stop)
        if len(text.spans) < 2:
            return Abstention(reason=AbstentionReason.TOO_SHORT, detail="needs at least two sentences")
        return _judgment(content, text, flow(text.vectors))

    return detect


def _judgment(content: Content, text: Passages, found: Flow) -> Judgment:
    fresh = freshness(found)
    return Judgment(
        answers={
            **_ordered(found, fresh),
            "repetition": Score(value=clipped(fresh)),
            "breadth": Score(value=clipped(1.0 - found.mean)),
        },
        evidence=_evidence(content, text, found),
        critique=_critique(found, fresh),
        read_fraction=text.fraction,
    )


def _ordered(found: Flow, fresh: float) -> dict[str, Score | Abstention]:
    """The criteria that need an order of three or more sentences."""
    if found.order is None:
        few = Abstention(reason=AbstentionReason.TOO_SHORT, detail="needs at least three sentences")
        return {"coherence": few, "flow": few}
    order, held = _ramp(found.order, _ORDERED), _ramp(found.held, _HELD)
    base, for_order, for_thread = _SHARES
    whole = fresh * (base + for_order * order + for_thread * held)
    return {"coherence": Score(value=clipped(whole)), "flow": Score(value=clipped(0.5 + found.order))}


def _evidence(content: Content, text: Passages, found: Flow) -> tuple[Evidence, ...]:
    """The clearest repeat, the sharpest break and the smoothest step that repeats nothing."""
    steps, repeats = np.array(found.steps), np.array(found.repeats)
    echo, gap = int(repeats.argmax()), int(steps.argmin())
    cited = []
    if repeats[echo] >= sum(_REPEATED) / 2:
        cited.append(_cite(content, text, echo, "repetition", "says again what an earlier sentence said"))
    if steps[gap] < _BREAK:
        cited.append(_cite(content, text, gap, "coherence", "has little to do with the sentence before it"))
    fine = np.where(repeats < _REPEATED[0], steps, -1.0)
    smooth = int(fine.argmax())
    if fine[smooth] >= 2 * _BREAK:
        span = text.spans[smooth + 1]
        cited.append(in_favour(content.text, *span, "coherence", "takes up the sentence before it"))
    unique = {(item.start, item.end): item for item in reversed(cited)}
    return tuple(sorted(unique.values(), key=lambda item: item.start))


def _cite(content: Content, text: Passages, step: int, criterion: str, note: str) -> Evidence:
    """The sentence that a step leads to, held against the text."""
    return against(content.text, *text.spans[step + 1], criterion, note)


def _critique(found: Flow, fresh: float) -> str:
    said = [_thread_in_words(found)]
    repeats = sum(1 for value in found.repeats if value >= sum(_REPEATED) / 2)
    if repeats:
        said.append(f"{counted(repeats, 'sentence')} {'says' if repeats == 1 else 'say'} again what was said")
    elif fresh > 0.9:
        said.append("nothing is said twice")
    return " ".join(sentence(words) for words in said)


def _thread_in_words(found: Flow) -> str:
    if found.order is None:
        return (
            "the two sentences are related" if found.mean >= 2 * _BREAK else "the two sentences are unrelated"
        )
    order = (
        "neighbouring sentences belong together"
        if found.order > 0.02
        else "the order of the sentences looks loose"
    )
    held = (
        "the end is still about what the beginning was" if found.held >= 0.4 else "the end has drifted away"
    )
    return f"{order}, and {held}"
