"""Lines of ballots without ratings -> entries, in the three forms that ballots are written in.

    {"contentId": "7", "ballots": [{"judge": …, "judgment": {"answers": [{"criterion": …, "score": 0.7}]}}]}
    {"id": "7", "judges": {"JUDGE": {"CRITERION": 4}}}
    {"item": "7", "judge": …, "scores": {"CRITERION": 0.7}, "abstained": {"CRITERION": "refused"}}

The first is what `moa-scorer score` writes, the second what `moa-scorer reconcile` reads, the third what was
collected for a fit. Scores of the first and third are in [0, 1].
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moa_scorer.calibration.table import Scale
from moa_scorer.domain.ballot import AbstentionReason, ScoreKind
from moa_scorer.learning.study.cells import mapping_of, number_of, numbers_of, parts_of, reason_of, text_of
from moa_scorer.learning.study.entries import Answer, Entry
from moa_scorer.learning.study.lines import answer_of, name_of, said_reason
from moa_scorer.learning.study.mistakes import Mistakes
from moa_scorer.learning.study.rows import WHOLE
from moa_scorer.learning.study.tables import Record

UNIT = Scale(low=0.0, high=1.0)
KINDS = {kind.value: kind for kind in ScoreKind}
Answers = Iterator[tuple[tuple[str, str], Answer]]
"""((judge, criterion), answer); the empty criterion stands for all of the judge's."""
Form = Callable[[Record, Mistakes], Entry | None]


def ballot_form(values: Mapping[str, Any]) -> Form | None:
    """How to read lines like this one; None where it is of no form of ballots."""
    if isinstance(values.get("ballots"), list):
        return _entry_of_verdict
    if isinstance(values.get("judges"), dict) and "dimension" not in values:
        return _entry_of_own
    if "judge" in values and (isinstance(values.get("scores"), dict) or "abstained" in values):
        return _entry_of_row
    return None


def _entry_of_verdict(record: Record, mistakes: Mistakes) -> Entry | None:
    """A line that failed has an id and no ballots: all judges are silent on it."""
    item = text_of(record.values.get("contentId"))
    if not item:
        mistakes.add(record.at, "has no contentId: give the texts that are scored an id each")
        return None
    try:
        answers = dict(_of_ballots(record, mistakes))
    except (KeyError, TypeError, AttributeError):
        mistakes.add(record.at, "ballots: are not as `moa-scorer score --view ballots` writes them")
        return None
    return Entry(at=record.at, item=item, answers=answers)


def _of_ballots(record: Record, mistakes: Mistakes) -> Answers:
    for ballot in record.values.get("ballots", ()):
        judge, where = name_of(ballot["judge"]), f"{record.at}, ballots.{ballot['judge']}"
        if "abstention" in ballot:
            yield (judge, WHOLE), Answer(score=None, reason=_named(ballot["abstention"]))
        cost = number_of(ballot.get("usage", {}).get("cost", {}).get("microUsd"), where, mistakes)
        seconds = number_of(str(ballot.get("latency", "")).removesuffix("s"), where, mistakes)
        for k, answer in enumerate(ballot.get("judgment", {}).get("answers", ())):
            kind = str(answer.get("kind", "")).removeprefix("SCORE_KIND_").lower()
            yield (
                (judge, str(answer["criterion"])),
                Answer(
                    score=number_of(answer.get("score"), where, mistakes),
                    reason=_named(answer.get("abstention", {})),
                    kind=KINDS.get(kind, ScoreKind.SINGLE),
                    scale=UNIT,
                    micro_usd=None if k else cost,
                    seconds=None if k else seconds,
                ),
            )


def _named(abstention: Mapping[str, Any]) -> AbstentionReason:
    return said_reason(str(abstention.get("reason", "")).removeprefix("ABSTENTION_REASON_").lower())


def _entry_of_own(record: Record, mistakes: Mistakes) -> Entry | None:
    item = text_of(record.values.get("id"))
    if not item:
        mistakes.add(record.at, "has no id")
        return None
    return Entry(
        at=record.at,
        item=item,
        content=text_of(record.values.get("text")),
        context=text_of(record.values.get("context")),
        kind=text_of(record.values.get("kind")),
        language=text_of(record.values.get("language")),
        answers=dict(_of_judges(record, mistakes)),
    )


def _of_judges(record: Record, mistakes: Mistakes) -> Answers:
    for judge, said in mapping_of(record.values.get("judges"), f"{record.at}, judges", mistakes).items():
        where = f"{record.at}, judges.{judge}"
        if isinstance(said, dict):
            for criterion, answer in said.items():
                yield (name_of(judge), criterion), _own_answer(answer, f"{where}.{criterion}", mistakes)
        elif said is None or reason_of(said) is not None:
            yield (name_of(judge), WHOLE), Answer(score=None, reason=said_reason(said))
        else:
            mistakes.add(where, "should be an object of criteria, or the name of an abstention")


def _own_answer(said: Any, where: str, mistakes: Mistakes) -> Answer:
    if reason_of(said) is not None:
        return Answer(score=None, reason=said_reason(said))
    if isinstance(said, list):
        return answer_of({"samples": said}, where, mistakes)
    if isinstance(said, dict) and said.get("distribution"):
        return _expected(said["distribution"], where, mistakes)
    if isinstance(said, dict) and "abstention" in said:
        return Answer(score=None, reason=said_reason(said["abstention"]))
    return answer_of(said, where, mistakes)


def _expected(distribution: Any, where: str, mistakes: Mistakes) -> Answer:
    """The mean over (score, probability) pairs."""
    pairs = [numbers_of(pair, where, mistakes) for pair in parts_of(distribution)]
    total = sum(pair[1] for pair in pairs if len(pair) == 2)
    if any(len(pair) != 2 for pair in pairs) or total <= 0:
        mistakes.add(where, "distribution: should be pairs of a score and its probability")
        return Answer(score=None)
    return Answer(score=sum(score * p for score, p in pairs) / total, kind=ScoreKind.LOGPROBS)


def _entry_of_row(record: Record, mistakes: Mistakes) -> Entry | None:
    line, at = record.values, record.at
    if not line.get("item") or not line.get("judge"):
        mistakes.add(at, "lacks item or judge")
        return None
    judge, kinds = name_of(line["judge"]), mapping_of(line.get("kinds"), f"{at}, kinds", mistakes)
    answers = {
        (judge, c): Answer(
            score=number_of(v, f"{at}, scores.{c}", mistakes),
            kind=KINDS.get(text_of(kinds.get(c)), ScoreKind.SINGLE),
            scale=UNIT,
        )
        for c, v in mapping_of(line.get("scores"), f"{at}, scores", mistakes).items()
    }
    for criterion, reason in mapping_of(line.get("abstained"), f"{at}, abstained", mistakes).items():
        answers[judge, criterion] = Answer(score=None, reason=said_reason(reason))
    return Entry(at=at, item=text_of(line["item"]), answers=answers)
