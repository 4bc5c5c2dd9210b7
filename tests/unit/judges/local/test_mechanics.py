import asyncio
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.judges.local.detector import Detect
from moa_scorer.judges.local.mechanics import CRITERIA, mechanics_spec
from moa_scorer.judges.local.pool import Pool, Stop, Stopped

GOOD = "The harbour was closed on Monday because a storm had damaged fourteen ships. Nobody was hurt."
BAD = "Their is alot of misteaks in this sentense. She have went to the the shop and an dog barked."


@pytest.fixture(scope="module")
def detect() -> Detect:
    return mechanics_spec().load()


def judged(detect: Detect, text: str, context: str = "") -> Judgment:
    outcome = detect(Content(text=text, context=context), Stop())
    assert isinstance(outcome, Judgment)
    return outcome


def value(judgment: Judgment, criterion: str) -> float:
    answer = judgment.answers[criterion]
    assert isinstance(answer, Score)
    return answer.value


def test_mistakes_lower_the_score_and_are_quoted(detect: Detect) -> None:
    good, bad = judged(detect, GOOD), judged(detect, BAD)
    assert value(good, "mechanics") == 1.0
    assert value(bad, "mechanics") < 0.3
    assert value(bad, "spelling") < value(good, "spelling")
    quotes = {item.quote for item in bad.evidence}
    assert "misteaks" in quotes
    assert all(item.polarity is Polarity.AGAINST and item.note for item in bad.evidence)


def test_a_clean_text_is_quoted_in_favour(detect: Detect) -> None:
    (item,) = judged(detect, GOOD).evidence
    assert item.polarity is Polarity.FOR
    assert "No spelling or grammar mistakes" in judged(detect, GOOD).critique


def test_the_critique_counts_in_words(detect: Detect) -> None:
    assert judged(detect, "We saw teh old bridge and walked home again.").critique.startswith(
        "One likely spelling mistake in nine words"
    )


def test_words_of_the_source_are_no_mistakes(detect: Detect) -> None:
    text = "The club signed a player called qwertzo from the north yesterday."
    assert value(judged(detect, text), "spelling") < 1.0
    assert value(judged(detect, text, context="Club signs Qwertzo."), "spelling") == 1.0


def test_links_are_no_mistakes(detect: Detect) -> None:
    text = "You can read more about it at https://exmple.xyzzy/qwertzu/asdfg today."
    assert value(judged(detect, text), "spelling") == 1.0


def test_tokenised_text_is_judged_as_the_prose_it_was(detect: Detect) -> None:
    text = "The boy 's mother was holding him , but he did n't move . He was afraid , she said ."
    assert value(judged(detect, text), "mechanics") == 1.0


def test_lost_case_is_not_judged_as_misused(detect: Detect) -> None:
    text = "the two met in london . they talked for hours . then they left , and it rained ."
    answer = judged(detect, text).answers["casing"]
    assert isinstance(answer, Abstention)
    assert answer.reason is AbstentionReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (Content(text="Well said"), AbstentionReason.TOO_SHORT),
        (Content(text="12 34 56 78"), AbstentionReason.TOO_SHORT),
        (
            Content(text="Der Ausschuss wird am Donnerstag wieder zusammentreten und entscheiden."),
            AbstentionReason.UNSUPPORTED_LANGUAGE,
        ),
    ],
)
def test_what_it_cannot_judge_it_abstains_on(
    detect: Detect, content: Content, reason: AbstentionReason
) -> None:
    outcome = detect(content, Stop())
    assert isinstance(outcome, Abstention)
    assert outcome.reason is reason


def test_a_declared_language_is_believed(detect: Detect) -> None:
    text = "Der Ausschuss wird am Donnerstag wieder zusammentreten und entscheiden."
    assert isinstance(detect(Content(text=text, language="en"), Stop()), Judgment)


def test_a_long_text_is_read_in_part(detect: Detect) -> None:
    judgment = judged(detect, f"{GOOD} " * 200)
    assert 0.15 < judgment.read_fraction < 0.3


def test_a_stopped_job_ends_before_the_next_chunk(detect: Detect) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        detect(Content(text=GOOD), stop)


async def test_a_cancelled_long_job_gives_its_linter_back(detect: Detect) -> None:
    pool = Pool(threads=1)
    text = f"{BAD} " * 400
    for _ in range(2 * (os.cpu_count() or 1)):
        task = asyncio.create_task(pool.run(lambda stop: detect(Content(text=text), stop)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert isinstance(await pool.run(lambda stop: detect(Content(text=GOOD), stop)), Judgment)
    pool.close()


async def test_several_threads_judge_alike(detect: Detect) -> None:
    pool = Pool(threads=3)
    texts = [GOOD, BAD, f"{GOOD} {BAD}"] * 4
    found = await asyncio.gather(*(pool.run(lambda stop, t=t: detect(Content(text=t), stop)) for t in texts))
    pool.close()
    assert found == [judged(detect, text) for text in texts]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(min_size=1, max_size=160))
@example("a" * 3000)
@example("It 's \U0001f600 ok , is n't it . Yes , \u202eit is . ")
@example("'' '' '' . , . , \n\n . . ''")
@example("é" * 900 + " the end of it. " * 3)
def test_any_text_is_survived_with_exact_evidence(detect: Detect, text: str) -> None:
    outcome = detect(Content(text=text, language="en"), Stop())
    assert outcome == detect(Content(text=text, language="en"), Stop())
    if isinstance(outcome, Abstention):
        return
    assert set(outcome.answers) == set(CRITERIA)
    assert all(0 <= a.value <= 1 for a in outcome.answers.values() if isinstance(a, Score))
    assert all(text[item.start : item.end] == item.quote for item in outcome.evidence)
    assert len(outcome.evidence) <= 8
