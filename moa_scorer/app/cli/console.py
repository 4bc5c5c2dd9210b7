"""Standard output for tables: full width where nobody looks on, and nothing cut that is needed whole."""

import os
import sys
from typing import IO, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE: Final = 10_000
"""Characters of a line in a pipe or a file: more than any table needs."""


def console_on(out: IO[str] | None = None, **options: Any) -> Console:
    """As wide as the terminal or as COLUMNS says; in a pipe or a file as wide as what is written."""
    file = out or sys.stdout
    width = None if file.isatty() or os.environ.get("COLUMNS") else WIDE
    return Console(file=out, width=width, **options)


def whole(table: Table, *headings: str) -> Table:
    """The filled table with these columns neither cut nor broken, however narrow the terminal: identifiers
    and dates, which people copy. The others are folded, so that nothing of them is lost either."""
    for column in table.columns:
        if column.header in headings:
            column.no_wrap = True
            column.min_width = max((_width(cell) for cell in column.cells), default=0)
        else:
            column.overflow = "fold"
    return table


def _width(cell: Any) -> int:
    """Characters that a cell is wide; its longest line."""
    text = Text.from_markup(cell) if isinstance(cell, str) else cell
    return max((line.cell_len for line in text.split()), default=0)
