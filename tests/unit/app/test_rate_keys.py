import pytest

from moa_scorer.app.cli.rating.keys import keys_of


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("4", ["4"]),
        ("45u", ["4", "5", "u"]),
        ("Q", ["q"]),
        ("\x1b[D4\x1bOC", ["left", "4", "right"]),
        ("\x1b[6~\x1b[5~", ["pagedown", "pageup"]),
        (" \r\x7f", ["space", "enter", "backspace"]),
        ("\x03", ["q"]),
        ("\x1b", []),
        ("\x1b[1;5C\x1b[200~4", ["4"]),
        ("", []),
        ("é\n", ["é", "enter"]),
    ],
)
def test_what_a_terminal_sends_becomes_keys_in_order(sent: str, keys: list[str]) -> None:
    assert keys_of(sent) == keys
