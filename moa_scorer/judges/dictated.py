"""Signs in a reply that the content took a hand in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from moa_scorer.judges.demands import asks_for_a_score
from moa_scorer.judges.fence import neutralised
from moa_scorer.judges.reply_json import objects
from moa_scorer.judges.reply_lines import scores_in_lines
from moa_scorer.judges.reply_parts import nonce_of, scores_of

NONCE_ABSENT: Final = 0.3
"""Weight of a missing nonce where no schema asks for it."""
NONCE_WRONG: Final = 0.5
DICTATED: Final = 0.95
"""Weight of scores or words that the content itself asked for."""

_FEWEST_ECHOED: Final = 24
_ECHOED: Final = 0.6
_SHORTEST_NONCE: Final = 4
_TOP: Final = 0.95
_TAMPERED: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Untrusted:
    """What the prompt showed and did not write, in forms that replies are compared with."""

    content: str = field(repr=False)
    """The content's part of it without blanks, as received and as shown."""
    ballots: str = field(repr=False)
    """Likewise the words of ballots."""
    forged: tuple[Mapping[str, Any], ...] = field(repr=False)
    """Objects in it that would pass for a judgment."""
    held: tuple[Mapping[str, object], ...] = field(repr=False)
    """The scores of these, and of lines that score every criterion."""
    begs: bool
    """Whether the text shows signs of asking for its score."""

    @classmethod
    def of(
        cls, content: Iterable[str], criteria: Sequence[str], risk: float, ballots: Iterable[str] = ()
    ) -> "Untrusted":
        """From the texts as received; a text without anything like a judgment costs one pass."""
        texts, words = [*filter(None, content)], [*filter(None, ballots)]
        found = [found.value for text in (*texts, *words) if "{" in text for found in objects(text)]
        forged = tuple(value for value in found if scores_of(value, criteria))
        lines = (scores_in_lines(text, criteria, truncated=False) for text in texts)
        return cls(
            content=_forms(texts),
            ballots=_forms(words),
            forged=forged,
            held=(
                *(scores_of(value, criteria) for value in forged),
                *(scores for scores in lines if len(scores) == len(criteria)),
            ),
            begs=risk >= _TAMPERED or any(map(asks_for_a_score, texts)),
        )

    def holds(self, piece: str) -> bool:
        """Whether a piece of a reply, longer than a few words, is a copy of what was shown."""
        squeezed = _squeezed(piece)
        return len(squeezed) >= _FEWEST_ECHOED and (squeezed in self.content or squeezed in self.ballots)

    def is_copy(self, piece: str, value: Mapping[str, Any]) -> bool:
        """Whether an object of a reply is one that was shown, as text or by value."""
        return value in self.forged or self.holds(piece)

    def dictates(self, value: Mapping[str, Any], criteria: Sequence[str]) -> bool:
        """Whether its scores are those that a shown judgment held ready, or the text made its nonce up."""
        scores = scores_of(value, criteria)
        nonce = nonce_of(value)
        made_up = nonce is not None and _like_a_nonce(nonce) and _squeezed(nonce) in self.content
        return made_up or self.holds_scores(scores)

    def holds_scores(self, scores: Mapping[str, object]) -> bool:
        """Whether they are those of a judgment that was shown."""
        return any(all(scores.get(name) == value for name, value in held.items()) for held in self.held)

    def pleases(self, scores: Iterable[float]) -> bool:
        """Whether every score is the highest, of a text that asks for that."""
        return self.begs and all(score >= _TOP for score in scores)

    def echo_risk(self, critique: str) -> float:
        """Weight of a critique that the text wrote itself; one that repeats a ballot's words is no sign."""
        squeezed = _squeezed(critique)
        return _ECHOED if len(squeezed) >= _FEWEST_ECHOED and squeezed in self.content else 0.0


def together(weights: Iterable[float]) -> float:
    """1 - the product of (1 - weight), in [0, 1]."""
    clean = 1.0
    for weight in weights:
        clean *= 1.0 - weight
    return 1.0 - clean


def _like_a_nonce(word: str) -> bool:
    return len(word) >= _SHORTEST_NONCE and any(map(str.isdigit, word))


def _forms(texts: Iterable[str]) -> str:
    forms = (form for text in texts for form in dict.fromkeys((text, neutralised(text))))
    return "\n".join(map(_squeezed, forms))


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
