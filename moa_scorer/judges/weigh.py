"""What readable replies are worth: answers, evidence that stands, a critique, or a mask."""

import re
from collections.abc import Mapping, Sequence

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Score
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking
from moa_scorer.domain.rubric import Rubric
from moa_scorer.judges.dictated import DICTATED, Untrusted
from moa_scorer.judges.expectation import digit, expected, mean, token_at
from moa_scorer.judges.llm_spec import LlmSpec, Reading
from moa_scorer.judges.quotes import Verified, verified
from moa_scorer.judges.reply import Reply
from moa_scorer.judges.reply_parts import Stance
from moa_scorer.judges.shown import Shown
from moa_scorer.providers.model import Sample

Answers = Mapping[str, Score | Abstention]


def weighed(
    spec: LlmSpec,
    view: Shown,
    content: Content,
    asking: Asking,
    replies: Sequence[tuple[Sample, Reply]],
) -> Judgment | Abstention:
    """The judgment that the readable replies come to, unless they show that they cannot be trusted."""
    risk = max(reply.tamper_risk for _, reply in replies)
    if risk >= spec.tamper_mask:
        return dictated_by_content()
    answers = _answers(spec, replies)
    if nothing := without_scores(answers):
        return nothing
    spokesman = _nearest(replies, answers)
    proof = checked(spokesman, content, answers)
    if proof.untrustworthy:
        return not_believed(proof)
    return Judgment(
        answers=answers,
        evidence=proof.evidence,
        critique=_critique(spokesman),
        read_fraction=view.read_fraction,
        fabricated=proof.fabricated,
        read=_read_ballots(asking),
        tamper_risk=risk,
    )


def odds_risk(answers: Answers, view: Shown, rubric: Rubric, asking: Asking) -> float:
    """Tamper risk of answers that hold no words: whether a text that begs got the best of everything."""
    criteria = [c.name for c in rubric.criteria]
    untrusted = Untrusted.of(view.received, criteria, asking.tamper_risk)
    scores = [answer.value for answer in answers.values() if isinstance(answer, Score)]
    return DICTATED if untrusted.pleases(scores) else 0.0


def dictated_by_content() -> Abstention:
    """The abstention of a judge whose reply the content wrote."""
    return Abstention(reason=AbstentionReason.TAMPER_MASKED, detail="the reply looks dictated by the content")


def checked(reply: Reply, content: Content, answers: Answers) -> Verified:
    """The reply's quotes, held against the content."""
    scores = {name: answer for name, answer in answers.items() if isinstance(answer, Score)}
    default = next(iter(scores), "")
    return verified(reply.claims, content.text, (content.context, content.title), scores, default)


def not_believed(proof: Verified) -> Abstention:
    """The abstention of a judge that makes up its evidence."""
    return Abstention(
        reason=AbstentionReason.FABRICATED_EVIDENCE,
        detail=f"{proof.fabricated} of {proof.checked} quotes are not in the content",
    )


def without_scores(answers: Answers) -> Abstention | None:
    """One abstention for the whole judge when no criterion has a score: the first of them."""
    if any(isinstance(answer, Score) for answer in answers.values()):
        return None
    return next(answer for answer in answers.values() if isinstance(answer, Abstention))


def _answers(spec: LlmSpec, replies: Sequence[tuple[Sample, Reply]]) -> Answers:
    criteria = replies[0][1].scores
    if spec.wanted > 1:
        return {name: _mean([reply for _, reply in replies], name, spec.wanted) for name in criteria}
    return {name: _single(spec, *replies[0], name) for name in criteria}


def _single(spec: LlmSpec, sample: Sample, reply: Reply, name: str) -> Score | Abstention:
    written = reply.scores[name]
    if not isinstance(written, float):
        return _unscored(written)
    over_tokens = _expected(sample, reply, name, written) if spec.reading is Reading.LOGPROBS else None
    return over_tokens or Score(value=written)


def _mean(replies: Sequence[Reply], name: str, wanted: int) -> Score | Abstention:
    """The mean over the samples, when more than half of those wanted have a score."""
    written = [reply.scores[name] for reply in replies]
    scores = [score for score in written if isinstance(score, float)]
    if 2 * len(scores) <= wanted:
        reasons = {reason for reason in written if isinstance(reason, AbstentionReason)}
        return _unscored(reasons.pop() if len(reasons) == 1 else AbstentionReason.UNPARSEABLE)
    return mean(scores)


def _unscored(reason: AbstentionReason) -> Abstention:
    return Abstention(reason=reason, detail="the reply has no score that can be read for this criterion")


def _expected(sample: Sample, reply: Reply, name: str, written: float) -> Score | None:
    """The expected score at the token that wrote it; None when that token cannot be found for certain."""
    place = score_place(sample.text, reply.start, reply.end, name)
    token = token_at(sample.tokens, sample.text, place) if place is not None else None
    if token is None or digit(token.text) != written:
        return None
    return expected(token.alternatives, digit)


def score_place(text: str, start: int, end: int, name: str) -> int | None:
    """Where a criterion's score of one digit stands in the object `text[start:end]`; the last of several."""
    key = re.compile(
        rf'"{re.escape(name)}"\s{{0,20}}:\s{{0,20}}(?:\{{[^{{}}]{{0,2000}}?"score"\s{{0,20}}:\s{{0,20}})?"?'
        r"([0-9])(?![\w.,/]\d|\w|\s{0,3}/|\.)"
    )
    places = [match.start(1) for match in key.finditer(text, start, end)]
    return places[-1] if places else None


def _nearest(replies: Sequence[tuple[Sample, Reply]], answers: Answers) -> Reply:
    """The reply whose scores lie nearest to the answers, the first of equals: its words are shown."""

    def distance(reply: Reply) -> float:
        gaps = [
            abs(score - answer.value)
            for name, score in reply.scores.items()
            if isinstance(score, float) and isinstance(answer := answers[name], Score)
        ]
        return sum(gaps) / len(gaps) if gaps else 1.0

    return min((reply for _, reply in replies), key=distance)


def _critique(reply: Reply) -> str:
    """The critique; what is accepted and rejected is added unless the critique itself cites it."""
    if any(f"[{stance.alias}]" in reply.critique for stance in (*reply.accepts, *reply.rejects)):
        return reply.critique
    return " ".join(
        [reply.critique, *map(_accepted, reply.accepts[:3]), *map(_rejected, reply.rejects[:3])]
    ).strip()


def _accepted(stance: Stance) -> str:
    return f"Accepts [{stance.alias}]: {stance.point.rstrip('.')}."


def _rejected(stance: Stance) -> str:
    why = f", because: {stance.why.rstrip('.')}" if stance.why else ""
    return f"Rejects [{stance.alias}]: {stance.point.rstrip('.')}{why}."


def _read_ballots(asking: Asking) -> tuple[str, ...]:
    """Whose ballots were shown, by the names behind the aliases."""
    return tuple(sorted(peer.judge for peer in asking.peers))
