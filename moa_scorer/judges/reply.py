"""What a model wrote -> scores, claims and critique, or why it cannot be read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason
from moa_scorer.judges.dictated import DICTATED, NONCE_ABSENT, NONCE_WRONG, Untrusted, together
from moa_scorer.judges.fence import without_fenced
from moa_scorer.judges.refusals import is_refusal
from moa_scorer.judges.reply_json import LONGEST, Found, objects
from moa_scorer.judges.reply_lines import scores_in_lines
from moa_scorer.judges.reply_parts import (
    Claim,
    Stance,
    claims_of,
    critique_of,
    nonce_of,
    scores_of,
    stances_of,
)

_THOUGHTS: Final = re.compile(
    r"<(think|thinking|reasoning|thought)>.*?(?:</\1>|\Z)|\A(?:(?!<think).){0,60000}?</think(?:ing)?>",
    re.S | re.I,
)

Scores = Mapping[str, float | AbstentionReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a readable reply must fit to."""

    criteria: tuple[str, ...]
    nonce: str
    constrained: bool
    """Whether the endpoint enforced the schema, so that the nonce must be there."""
    untrusted: Untrusted
    scored: bool = True
    """Whether scores were asked for; without, words alone are an answer."""
    aliases: tuple[str, ...] = ()
    """Ballots that were shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A readable reply."""

    scores: Scores
    """Criterion -> score in [0, 1], or why there is none, for every criterion."""
    claims: tuple[Claim, ...] = ()
    critique: str = field(default="", repr=False)
    accepts: tuple[Stance, ...] = ()
    rejects: tuple[Stance, ...] = ()
    tamper_risk: float = 0.0
    """In [0, 1]."""
    start: int = 0
    """First code point of the object that was read, in the reply as received."""
    end: int = 0
    """One past its last."""


def read_reply(raw: str, wanted: Wanted, *, truncated: bool = False) -> Reply | Abstention:
    """The last answer with the nonce, else the last answer that is not a copy of what was shown.

    Never raises, and never gives a number that the reply does not hold; time is linear in the reply.
    """
    if len(raw) > LONGEST:
        return _unread("the reply is too long")
    own = own_words(raw, wanted.nonce)
    if not own.strip(" \t\r\n\ufeff"):
        return _unread("the reply is empty")
    found = [f for f in _with_entries(objects(own), wanted) if _answers(f.value, wanted)]
    mine = [f for f in found if not wanted.untrusted.is_copy(own[f.start : f.end], f.value)]
    signed = [f for f in mine if _signed(f.value, wanted)]
    if signed or mine:
        return _read_object((signed or mine)[-1], wanted, signed=bool(signed))
    return _read_without_object(own, wanted, truncated=truncated, copied=bool(found))


def own_words(raw: str, nonce: str) -> str:
    """The reply with thoughts and repeated fenced text blanked out; every code point keeps its place.

    Closed fences first, for the text in them may pose as the end of a thought; a fence that a thought only
    mentions goes with the thought.
    """
    if "<" not in raw:
        return raw
    unfenced = without_fenced(raw, nonce, unclosed=False)
    return without_fenced(_THOUGHTS.sub(lambda match: " " * len(match[0]), unfenced), nonce)


def _with_entries(found: Sequence[Found], wanted: Wanted) -> Sequence[Found]:
    """The objects, and those of a list with one entry a criterion taken together."""
    if len(found) < 2 or len(wanted.criteria) < 2:
        return found
    if any(len(scores_of(f.value, wanted.criteria)) > 1 for f in found):
        return found
    together_ = {"scores": [f.value for f in found]}
    return (*found, Found(value=together_, start=found[0].start, end=found[-1].end))


def _answers(value: Mapping[str, Any], wanted: Wanted) -> bool:
    return bool(scores_of(value, wanted.criteria) if wanted.scored else critique_of(value))


def _signed(value: Mapping[str, Any], wanted: Wanted) -> bool:
    return (nonce_of(value) or "").casefold() == wanted.nonce.casefold()


def _read_object(found: Found, wanted: Wanted, *, signed: bool) -> Reply | Abstention:
    value, untrusted = found.value, wanted.untrusted
    scores = _completed(scores_of(value, wanted.criteria), wanted)
    dictated = wanted.scored and (untrusted.dictates(value, wanted.criteria) or _pleases(scores, untrusted))
    if wanted.constrained and not signed:
        return _tampered() if dictated else _unread("the token of the request did not come back")
    nonce_risk = 0.0 if signed else NONCE_ABSENT if nonce_of(value) is None else NONCE_WRONG
    critique = critique_of(value)
    return Reply(
        scores=scores,
        claims=claims_of(value, wanted.criteria),
        critique=critique,
        accepts=stances_of(value, "accepts", wanted.aliases),
        rejects=stances_of(value, "rejects", wanted.aliases),
        tamper_risk=together([nonce_risk, DICTATED if dictated else 0.0, untrusted.echo_risk(critique)]),
        start=found.start,
        end=found.end,
    )


def _read_without_object(own: str, wanted: Wanted, *, truncated: bool, copied: bool) -> Reply | Abstention:
    lines = [line for line in own.splitlines() if not wanted.untrusted.holds(line)]
    plain = wanted.scored and not wanted.constrained and not copied
    said = scores_in_lines("\n".join(lines), wanted.criteria, truncated=truncated) if plain else {}
    if not any(isinstance(value, float) for value in said.values()):
        return _nothing(own, copied=copied)
    scores = _completed(said, wanted)
    nonce_risk = 0.0 if wanted.nonce and wanted.nonce in own else NONCE_ABSENT
    dictated = wanted.untrusted.holds_scores(said) or _pleases(scores, wanted.untrusted)
    risk = together([nonce_risk, DICTATED if dictated else 0.0])
    return Reply(scores=scores, tamper_risk=risk, end=len(own))


def _nothing(own: str, *, copied: bool) -> Abstention:
    if is_refusal(own.strip()):
        return Abstention(reason=AbstentionReason.REFUSED, detail="the model declined to judge")
    return _tampered() if copied else _unread("the reply holds no scores that can be read")


def _completed(scores: Scores, wanted: Wanted) -> Scores:
    if not wanted.scored:
        return {}
    return {name: scores.get(name, AbstentionReason.UNPARSEABLE) for name in wanted.criteria}


def _pleases(scores: Scores, untrusted: Untrusted) -> bool:
    numbers = [value for value in scores.values() if isinstance(value, float)]
    return bool(numbers) and untrusted.pleases(numbers)


def _tampered() -> Abstention:
    return Abstention(
        reason=AbstentionReason.TAMPER_MASKED,
        detail="the reply repeats a judgment that the content holds ready",
    )


def _unread(detail: str) -> Abstention:
    return Abstention(reason=AbstentionReason.UNPARSEABLE, detail=detail)
