"""Ballots of earlier layers as a later judge reads them: without names, neutralised, fenced."""

from collections.abc import Sequence
from typing import Final

from moa_scorer.domain.ballot import Evidence, Judgment, Score
from moa_scorer.domain.judge import Peer
from moa_scorer.judges.evidence import shortened
from moa_scorer.judges.fence import fenced
from moa_scorer.judges.scale import from_score

_MOST_QUOTES: Final = 4
_LONGEST_QUOTE: Final = 120
_LONGEST_CRITIQUE: Final = 800


def peers_block(peers: Sequence[Peer], criteria: Sequence[str], nonce: str) -> str:
    """The ballots in the order given, each between fence lines of its own."""
    return "\n\n".join(
        fenced(f"BALLOT {peer.alias}", _text(peer.judgment, criteria), nonce) for peer in peers
    )


def _text(judgment: Judgment, criteria: Sequence[str]) -> str:
    lines = [f"scores: {_scores(judgment, criteria)}"]
    lines += [_quote(item) for item in judgment.evidence[:_MOST_QUOTES]]
    if judgment.critique:
        lines.append(f"critique: {shortened(judgment.critique, _LONGEST_CRITIQUE)}")
    return "\n".join(lines)


def _scores(judgment: Judgment, criteria: Sequence[str]) -> str:
    """Every criterion of the rubric; a detector's own criteria where it answers none of them."""
    own = [name for name in criteria if name in judgment.answers] or list(judgment.answers)
    return ", ".join(f"{name} {_score(judgment, name)}" for name in own)


def _score(judgment: Judgment, criterion: str) -> str:
    answer = judgment.answers[criterion]
    return f"{from_score(answer.value):.1f} of 5" if isinstance(answer, Score) else "not judged"


def _quote(evidence: Evidence) -> str:
    quote = shortened(evidence.quote, _LONGEST_QUOTE)
    note = f" ({evidence.note})" if evidence.note else ""
    return f"{evidence.polarity} {evidence.criterion}: “{quote}”{note}"
