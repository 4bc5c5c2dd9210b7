"""May a model's prose stand as the rationale? Only where it cites ballots and agrees with the number.

Every sentence must cite a ballot that exists, every grade be the fused one, and the whole lean the way the
score does. In doubt it may not: the deterministic writer never contradicts the number.
"""

import math
import re
from collections.abc import Iterator, Sequence

from moa_scorer.aggregation.grades import grades, names_a_letter
from moa_scorer.aggregation.leaning import leaning
from moa_scorer.domain.ballot import Ballot, Judgment, Score
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.verdict import CriterionScore, Scored, Verdict

MIDPOINT = 0.5
CLEAR = 0.05
"""A score leans when it is at least this far from the midpoint."""
PLAIN = 0.15
"""A score contradicts strong words from this far beyond the midpoint."""
LONGEST = 2_000
"""Characters of prose; longer is no rationale."""
JUDGED_OUT_OF = 5.0
"""Judges are asked on a scale from 1 to this."""

_CITATION = re.compile(r"\bJ(\d+)\b")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»")
_BREAK = re.compile(r"(?<=[.!?])\s+(?![a-z])|(?<=[。！？])|\n+")
_LEADING = re.compile(r"(?:[\[(]J\d+(?:,\s*J\d+)*[\])][\s.,;]*)+")


def prose_of(verdict: Verdict, writer: str, rubric: Rubric) -> str:
    """The writer's critique where it passes the checks, and a line on who `J1` ... are; else empty."""
    judgment = _judgment(verdict.ballots, writer)
    scored = verdict.outcome
    if judgment is None or not isinstance(scored, Scored) or not judgment.read:
        return ""
    text = " ".join("".join(c if c.isprintable() else " " for c in judgment.critique).split())
    if not text or contradiction(text, judgment, scored, rubric):
        return ""
    return f"{text}\n{_who(judgment.read)}"


def contradiction(text: str, judgment: Judgment, scored: Scored, rubric: Rubric) -> str:
    """Why the prose may not stand, in words; empty when it may."""
    if len(text) > LONGEST:
        return "it is too long"
    for sentence in sentences(text):
        cited = [int(number) for number in _CITATION.findall(sentence)]
        if not cited or not all(1 <= number <= len(judgment.read) for number in cited):
            return "a sentence cites no ballot, or one that does not exist"
        if names_a_letter(sentence):
            return "a grade in it is not the fused one"
        if not all(_is_fused(grade, sentence, scored, rubric) for grade in grades(sentence)):
            return "a grade in it is not the fused one"
    if not all(_may_be_quoted(quote, judgment) for quote in _QUOTED.findall(text)):
        return "it quotes a grade that its evidence does not hold"
    return "it leans the other way" if _leans_against(text, judgment, scored.overall.score) else ""


def sentences(text: str) -> list[str]:
    """The sentences without what they quote. Citations after the full stop of one without are its own."""
    found: list[str] = []
    plain = _QUOTED.sub("“”", text)
    for part in filter(None, (part.strip() for part in _BREAK.split(plain))):
        own = _LEADING.match(part) if found and not _CITATION.search(found[-1]) else None
        if own:
            found[-1] = f"{found[-1]} {own[0].rstrip()}"
        found.append(part[own.end() :] if own else part)
    return [sentence for sentence in found if sentence]


def _is_fused(grade: tuple[str, float | None], sentence: str, scored: Scored, rubric: Rubric) -> bool:
    """Whether a grade is the overall's, or that of a criterion the sentence names, to the digits it has."""
    written, most = grade
    digits = len(written.partition(".")[2])
    meant = [one for one in _scores(scored) if one is scored.overall or one.name in sentence.lower()]
    return any(
        math.isclose(round(value, digits), float(written), abs_tol=1e-9)
        for one in meant
        for value in _on_scales(one, most, rubric)
    )


def _scores(scored: Scored) -> Iterator[CriterionScore]:
    yield scored.overall
    yield from (one for one in scored.criteria if isinstance(one, CriterionScore))


def _on_scales(one: CriterionScore, most: float | None, rubric: Rubric) -> Sequence[float]:
    """A fused score as it may rightly be written: on the rubric's scale, the judges' or out of `most`."""
    as_asked = 1 + (JUDGED_OUT_OF - 1) * one.score
    if most is None:
        return one.score, one.value
    if most <= 0:
        return ()
    if most == rubric.scale_max:
        return (one.value,)
    return (as_asked,) if most == JUDGED_OUT_OF else (one.score * most,)


def _may_be_quoted(quote: str, judgment: Judgment) -> bool:
    """Whether quoted words give no grade, or stand in the content: evidence was looked up there."""
    words = quote[1:-1].strip(" .,!?")
    if not any(grades(words)) and not leaning(words):
        return True
    return any(words in span.quote for span in judgment.evidence)


def _leans_against(text: str, judgment: Judgment, fused: float) -> bool:
    """Whether the writer's own scores lie clearly on the other side of the midpoint than the fused one, or
    its words do."""
    said = leaning(_QUOTED.sub(" ", text))
    if abs(fused - MIDPOINT) >= PLAIN and said * (fused - MIDPOINT) < 0:
        return True
    own = [answer.value for answer in judgment.answers.values() if isinstance(answer, Score)]
    if not own:
        return True
    lean = math.fsum(own) / len(own) - MIDPOINT
    clear = min(abs(lean), abs(fused - MIDPOINT)) >= CLEAR
    return clear and lean * (fused - MIDPOINT) < 0


def _judgment(ballots: Sequence[Ballot], writer: str) -> Judgment | None:
    outcome = next((ballot.outcome for ballot in ballots if ballot.judge == writer), None)
    return outcome if isinstance(outcome, Judgment) else None


def _who(read: Sequence[str]) -> str:
    return f"{', '.join(f'J{k} is {judge}' for k, judge in enumerate(read, start=1))}."
