"""Signs in a reply that the content took a hand in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from moa_scorer.judges.fence import neutralised
from moa_scorer.judges.reply_json import objects
from moa_scorer.judges.reply_parts import nonce_of, scores_of

NONCE_ABSENT: Final = 0.3
"""Weight of a missing nonce where no schema asks for it."""
NONCE_WRONG: Final = 0.5
DICTATED: Final = 0.95
"""Weight of scores or words that the content itself asked for."""

_FEWEST_ECHOED: Final = 24
_ECHOED: Final = 0.6
_SHORTEST_NONCE: Final = 4
_TAMPERED: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Untrusted:
    """What the prompt showed and did not write, in forms that replies are compared with."""

    squeezed: str = field(repr=False)
    """All of it without blanks, as received and as shown."""
    forged: tuple[Mapping[str, Any], ...] = field(repr=False)
    """Judgments that it holds ready."""
    risk: float
    """Tamper risk of the text, in [0, 1]."""

    @classmethod
    def of(cls, texts: Iterable[str], criteria: Sequence[str], risk: float) -> "Untrusted":
        """From the texts as received; a text without anything like a judgment costs one pass."""
        kept = [text for text in texts if text]
        forged = [found.value for text in kept if "{" in text for found in objects(text)]
        return cls(
            squeezed="\n".join(_squeezed(form) for text in kept for form in (text, neutralised(text))),
            forged=tuple(value for value in forged if scores_of(value, criteria)),
            risk=risk,
        )

    def holds(self, piece: str) -> bool:
        """Whether a piece of a reply, longer than a few words, is a copy of what was shown."""
        squeezed = _squeezed(piece)
        return len(squeezed) >= _FEWEST_ECHOED and squeezed in self.squeezed

    def is_copy(self, piece: str, value: Mapping[str, Any]) -> bool:
        """Whether an object of a reply is one that was shown, as text or by value."""
        return value in self.forged or self.holds(piece)

    def dictates(self, value: Mapping[str, Any], criteria: Sequence[str]) -> bool:
        """Whether its scores are those that a shown judgment held ready, or the text made its nonce up."""
        scores = scores_of(value, criteria)
        nonce = nonce_of(value)
        made_up = nonce is not None and _like_a_nonce(nonce) and _squeezed(nonce) in self.squeezed
        return made_up or any(_agrees(scores, scores_of(forged, criteria)) for forged in self.forged)

    def pleases(self, scores: Iterable[float]) -> bool:
        """Whether every score is the highest, of a text that shows signs of asking for that."""
        return self.risk >= _TAMPERED and all(score >= 1.0 for score in scores)

    def echo_risk(self, critique: str) -> float:
        """Weight of a critique that the text wrote itself."""
        return _ECHOED if self.holds(critique) else 0.0


def together(weights: Iterable[float]) -> float:
    """1 - the product of (1 - weight), in [0, 1]."""
    clean = 1.0
    for weight in weights:
        clean *= 1.0 - weight
    return 1.0 - clean


def _agrees(scores: Mapping[str, object], forged: Mapping[str, object]) -> bool:
    return all(scores.get(name) == value for name, value in forged.items())


def _like_a_nonce(word: str) -> bool:
    return len(word) >= _SHORTEST_NONCE and any(map(str.isdigit, word))


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
