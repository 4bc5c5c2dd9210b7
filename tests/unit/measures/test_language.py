import pytest

from moa_scorer.measures.language import clearly_foreign, detect

ENGLISH = "The committee will meet again on Thursday to decide what to do about the harbour."
GERMAN = "Der Ausschuss wird am Donnerstag wieder zusammentreten, um über den Hafen zu entscheiden."


def test_a_sentence_is_recognised() -> None:
    assert detect(ENGLISH).language == "en"
    assert detect(GERMAN).language == "de"
    assert detect(GERMAN).confidence > 0.8


@pytest.mark.parametrize("text", ["", "Hello", "12345 67890 !!!", "asdkjh qweoiu zxcmnb lkjasd qpwoei"])
def test_what_cannot_be_told_is_undetermined(text: str) -> None:
    found = detect(text)
    assert found.language == ""
    assert found.confidence == 0.0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, ""),
        ("lol u r so dumb", ""),
        (GERMAN, "de"),
        ("宿泊施設は非常に良かった", "ja"),
        ("café déjà vu", ""),
        ("", ""),
    ],
)
def test_only_clearly_foreign_text_is_called_foreign(text: str, code: str) -> None:
    assert clearly_foreign(text) == code


def test_another_script_is_foreign_whatever_the_language() -> None:
    assert clearly_foreign("Ѵѵ ҂ Ꙗ ӿ ӿӿ") != ""
