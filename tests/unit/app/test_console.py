"""What people copy out of a table is whole."""

import io

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from moa_scorer.app.cli.console import WIDE, console_on, whole

KEY, DATE = "keys/xr6vn2k4qzt7wm3p", "2026-11-23 17:43"


def table() -> Table:
    found = Table("time", "to", "why", box=None)
    found.add_row(Text(DATE), f"[bold]{KEY}[/bold]", "complaints that came in " * 20)
    return found


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_identifiers_and_dates_stand_on_one_line_however_narrow_the_terminal(width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width).print(whole(table(), "time", "to"), soft_wrap=True)

    assert KEY in out.getvalue()
    assert DATE in out.getvalue()


def test_of_the_other_columns_nothing_is_lost_either() -> None:
    out = io.StringIO()
    Console(file=out, width=70).print(whole(table(), "time", "to"))

    assert out.getvalue().count("complaints") == 20
    assert "…" not in out.getvalue()


def test_a_pipe_gets_every_row_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    out = io.StringIO()
    console_on(out).print(whole(table(), "to"))

    assert len(out.getvalue().splitlines()) == 2
    assert max(map(len, out.getvalue().splitlines())) < WIDE / 2


def test_columns_says_how_wide_a_pipe_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")

    assert console_on(io.StringIO()).width == 50


def test_a_table_without_rows_is_no_mistake() -> None:
    console_on(io.StringIO()).print(whole(Table("id"), "id"))
