import pytest

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.domain.content import Content
from moa_scorer.judges.local.frequency import frequencies
from moa_scorer.judges.local.letters import is_nonsense, known_triples
from moa_scorer.judges.local.readable import not_english, revision, too_short

GERMAN = "Der Ausschuss wird am Donnerstag wieder zusammentreten und entscheiden."


def test_words_with_a_letter_are_counted() -> None:
    assert too_short("one two three") is None
    short = too_short("1 2 3 four")
    assert short is not None
    assert short.reason is AbstentionReason.TOO_SHORT
    assert short.detail == "needs at least 3 words, the text has 1"
    assert too_short("one", fewest=1) is None


def test_a_foreign_text_is_refused_unless_it_is_declared_english() -> None:
    refused = not_english(Content(text=GERMAN))
    assert refused is not None
    assert "language de" in refused.detail
    assert not_english(Content(text=GERMAN, language="en")) is None
    script = not_english(Content(text="Ѵѵ ҂ Ꙗ ӿ ӿӿ"))
    assert script is not None


def test_a_revision_changes_with_version_and_data() -> None:
    revisions = {revision("a", 1), revision("a", 2), revision("b", 1), revision("a", 1, ("data",))}
    assert len(revisions) == 4
    assert revision("a", 1) == revision("a", 1)


def test_the_frequency_list_knows_common_from_rare() -> None:
    known = frequencies()
    assert known["the"] > known["house"] > known["loquacious"]
    assert "harbour" in known
    assert "qwertzo" not in known


@pytest.mark.parametrize(
    ("word", "nonsense"), [("asdkjh", True), ("zxcmnb", True), ("unfriended", False), ("cat", False)]
)
def test_nonsense_is_told_by_its_letters(word: str, nonsense: bool) -> None:
    assert is_nonsense(word, known_triples()) is nonsense
