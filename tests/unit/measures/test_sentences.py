import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.measures.sentences import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mr. Smith paid $3.50. Was it worth it? Yes!",
            ["Mr. Smith paid $3.50.", "Was it worth it?", "Yes!"],
        ),
        ('"Really?" he asked. "No."', ['"Really?" he asked.', '"No."']),
        ("J. K. Rowling met the U.S. Army.", ["J. K. Rowling met the U.S. Army."]),
        ("It closed at 5 p.m. Then we left.", ["It closed at 5 p.m.", "Then we left."]),
        ("It closed at 5 p.m. on Sunday.", ["It closed at 5 p.m. on Sunday."]),
        ("it was fun... then it ended. ok", ["it was fun... then it ended.", "ok"]),
        ("1. First item\n2. Second item", ["1. First item", "2. Second item"]),
        ("A line that is\nwrapped here.", ["A line that is\nwrapped here."]),
        ("A title\n\nthe body", ["A title", "the body"]),
        ("今日は。元気ですか？はい", ["今日は。", "元気ですか？", "はい"]),
        ("Wait . . . what", ["Wait . . .", "what"]),
        ("...", ["..."]),
        ("  \n ", []),
    ],
)
def test_text_is_split_into_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_tokenised_text_is_split_at_lone_full_stops_with_their_closing_quotes() -> None:
    text = "0-0 draw with burnley . andros townsend was a sub . `` i 've been watching . '' he said ."
    assert split(text) == [
        "0-0 draw with burnley .",
        "andros townsend was a sub .",
        "`` i 've been watching . ''",
        "he said .",
    ]


@given(st.text(alphabet=st.sampled_from("aA1 .!?\"'\n\r\t,-…。)\u2028é"), max_size=200))
def test_sentences_are_disjoint_ordered_trimmed_and_cover_all_that_is_not_blank(text: str) -> None:
    spans = sentences(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())


@pytest.mark.parametrize("unit", [".", ". ", "\n", ".'", "a.\n", " ", "?! x", "\n ", "a"])
def test_hostile_repetition_is_read_in_linear_steps(unit: str) -> None:
    text = unit * (65536 // len(unit))
    assert "".join("".join(split(text)).split()) == "".join(text.split())
