"""The page of settings says what is declared."""

from pathlib import Path

from deploy.settings_page import PAGE, page, rows
from moa_scorer.app.settings import Settings


def test_the_page_is_what_the_declaration_gives() -> None:
    assert Path(PAGE).read_text(encoding="utf-8") == page(), "run make settings-page and commit the result"


def test_every_setting_says_what_it_means() -> None:
    assert [key for key, _, meaning in rows(Settings) if not meaning] == []
