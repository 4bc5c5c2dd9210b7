import pytest

from moa_scorer.judges.local.pushing import pushes
from moa_scorer.measures.words import WORD


def found(text: str) -> list[tuple[str, str]]:
    matches = list(WORD.finditer(text))
    words = [match[0].lower() for match in matches]
    signs = pushes(text, [(0, len(text))], [match.span() for match in matches], words)
    return [(sign.kind, text[sign.start : sign.end]) for sign in signs]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("see https://example.org/a?b=1 now", ("link", "https://example.org/a?b=1")),
        ("it is on best-pills.biz/now, really", ("link", "best-pills.biz/now,")),
        ("write to me.now@example.org", ("address", "me.now@example.org")),
        ("ring 555-123-4567", ("telephone number", "555-123-4567")),
        ("Now 50% off!", ("sales promise", "50% off")),
        ("earn up to $5,000", ("sales promise", "earn up to $5,000")),
        ("Click here, please", ("call to action", "Click here")),
        ("Visit our website", ("call to action", "Visit our website")),
        ("a limited time thing", ("sales promise", "limited time")),
        ("cheap Viagra", ("typical advertising", "Viagra")),
    ],
)
def test_advertising_is_found_where_it_stands(text: str, sign: tuple[str, str]) -> None:
    assert sign in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "I work from home and call my mother today.",
        "The site was closed. Community leaders visit it often.",
        "It cost $40 in 1999, 12.5 % more than before.",
        "",
    ],
)
def test_ordinary_sentences_push_nothing(text: str) -> None:
    assert found(text) == []
