import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment, Polarity, Score
from moa_scorer.domain.content import Content
from moa_scorer.judges.local.detector import Detect
from moa_scorer.judges.local.lexical import CRITERIA, lexical_spec
from moa_scorer.judges.local.pool import Stop

PLAIN = "We went to the shop and we got some food. Then we went home and had it. It was good."
RICH = (
    "The derelict lighthouse loomed above the estuary, its shattered lantern glinting in the moonlight. "
    "Nobody had ventured inside since the keeper vanished, although fishermen whispered about shadows."
)
REPEATED = "The best thing is the best thing in the world. " * 8


@pytest.fixture(scope="module")
def detect() -> Detect:
    return lexical_spec().load()


def judged(detect: Detect, text: str) -> Judgment:
    outcome = detect(Content(text=text), Stop())
    assert isinstance(outcome, Judgment)
    return outcome


def value(detect: Detect, text: str, criterion: str) -> float:
    answer = judged(detect, text).answers[criterion]
    assert isinstance(answer, Score)
    return answer.value


def test_rich_words_raise_the_vocabulary_and_are_quoted(detect: Detect) -> None:
    assert value(detect, RICH, "vocabulary") > value(detect, PLAIN, "vocabulary")
    assert value(detect, RICH, "plainness") < value(detect, PLAIN, "plainness")
    quotes = {item.quote for item in judged(detect, RICH).evidence if item.criterion == "vocabulary"}
    assert "derelict" in quotes


def test_repetition_lowers_the_score_and_is_quoted(detect: Detect) -> None:
    assert value(detect, REPEATED, "repetition") < 0.2
    assert value(detect, RICH, "repetition") > 0.95
    assert value(detect, REPEATED, "diversity") < value(detect, RICH, "diversity")
    items = [item for item in judged(detect, REPEATED).evidence if item.criterion == "repetition"]
    assert items
    assert all(item.polarity is Polarity.AGAINST for item in items)


def test_stumps_and_endless_sentences_are_harder_to_read_than_full_ones(detect: Detect) -> None:
    full = value(detect, RICH, "readability")
    assert value(detect, "He ran. It fell. She hid. We saw. They won.", "readability") < full
    endless = "and then she said that he would go to the place where it had been before " * 12
    assert value(detect, endless, "readability") < full


def test_the_critique_tells_what_was_counted(detect: Detect) -> None:
    critique = judged(detect, PLAIN).critique
    assert critique.startswith("Three sentences of seven words on average.")
    assert "no phrases said before" in critique


def test_short_and_foreign_texts_are_abstained_on(detect: Detect) -> None:
    short = detect(Content(text="Well said"), Stop())
    assert isinstance(short, Abstention)
    assert short.reason is AbstentionReason.TOO_SHORT
    foreign = detect(Content(text="宿泊施設は 非常に 良かった また 行きたい です"), Stop())
    assert isinstance(foreign, Abstention)
    assert foreign.reason is AbstentionReason.UNSUPPORTED_LANGUAGE


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=300))
@example("a b c d a b c d a b c d a b c d")
@example("x " * 32768)
@example("İ İstanbul'’s test of it " * 40)
def test_any_text_is_survived_with_exact_evidence(detect: Detect, text: str) -> None:
    content = Content(text=text, language="en")
    outcome = detect(content, Stop())
    assert outcome == detect(content, Stop())
    if isinstance(outcome, Abstention):
        return
    assert tuple(outcome.answers) == CRITERIA
    assert all(isinstance(a, Score) and 0 <= a.value <= 1 for a in outcome.answers.values())
    assert all(text[item.start : item.end] == item.quote for item in outcome.evidence)
    assert len(outcome.evidence) <= 8
