"""A text as the measures see it: the windows of a long one, split into words and sentences once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from moa_scorer.measures.sentences import Span, sentences
from moa_scorer.measures.windows import windows
from moa_scorer.measures.words import WORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of a text."""

    whole: str
    """The text as received."""
    part: str
    """What the measures look at: at most 4,000 code points, windows joined by line breaks."""
    cased: tuple[str, ...]
    """Words of the part as written."""
    words: tuple[str, ...]
    """The same in lower case."""
    sentences: tuple[Span, ...]
    """Sentences of the part."""
    sentence_words: tuple[tuple[str, ...], ...]
    """Words of each sentence, in lower case."""
    counts: Mapping[str, int]
    """Code point of the part -> how often it occurs."""

    @property
    def fraction(self) -> float:
        """Share of the text that was read, in (0, 1]; 1 for an empty text."""
        return min(1.0, len(self.part) / len(self.whole)) if self.whole else 1.0


def read(text: str) -> Reading:
    """Reads a text once for all measures; time is linear in what is read."""
    part = text if len(text) <= 4000 else "\n".join(text[start:end] for start, end in windows(text, 3996))
    spans = sentences(part)
    parts = [WORD.findall(part[start:end]) for start, end in spans]
    return Reading(
        whole=text,
        part=part,
        cased=tuple(word for words in parts for word in words),
        words=tuple(word.lower() for words in parts for word in words),
        sentences=spans,
        sentence_words=tuple(tuple(word.lower() for word in words) for words in parts),
        counts=Counter(part),
    )
