"""How the benchmarks print."""

from collections.abc import Iterable, Sequence


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; raises ValueError when a row has not one cell a heading."""
    lines = [list(headings), ["---"] * len(headings)]
    for row in rows:
        if len(row) != len(headings):
            raise ValueError(f"{len(row)} cells under {len(headings)} headings")
        lines.append(list(row))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
