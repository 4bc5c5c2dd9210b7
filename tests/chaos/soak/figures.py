"""What a long run has to show: nothing grows, and every call ends as its kind may."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from tests.chaos.figures import Figure
from tests.chaos.soak.calls import KINDS
from tests.chaos.soak.process import Holding

MOST_GROWTH: Final = 0.05
"""Of resident memory after the warm-up."""


def figures(
    held: Sequence[Holding], ended: Mapping[tuple[str, str], int], unlike: int, *, memory: bool = True
) -> list[Figure]:
    """Of a server at rest after its warm-up and later, and of its calls.

    `memory` = the run is long enough for resident memory to tell anything.
    """
    first, last = held[0], held[-1]
    return [
        Figure(name="requests after the warm-up", value=f"{last.requests - first.requests:,}"),
        _memory(first, last, judged=memory),
        Figure(
            name="open files, from warm-up to end",
            value=f"{first.files} to {last.files}",
            limit=f"<= {first.files}",
            ok=last.files <= first.files,
        ),
        _tasks(first, last),
        _endings(ended),
        Figure(
            name="request ids with another answer",
            value=f"{unlike}",
            limit="0",
            ok=unlike == 0,
        ),
    ]


def _memory(first: Holding, last: Holding, *, judged: bool) -> Figure:
    growth = last.kilobytes / first.kilobytes - 1
    sizes = f"{first.kilobytes / 1024:.1f} to {last.kilobytes / 1024:.1f} MiB"
    return Figure(
        name=f"growth of resident memory, {sizes}",
        value=f"{growth:+.2%}",
        limit=f"< {MOST_GROWTH:.0%}" if judged else "",
        ok=growth < MOST_GROWTH or not judged,
    )


def _tasks(first: Holding, last: Holding) -> Figure:
    more = Counter(last.tasks) - Counter(first.tasks)
    named = f" (more of {', '.join(more)})" if more else ""
    return Figure(
        name="asyncio tasks, from warm-up to end",
        value=f"{len(first.tasks)} to {len(last.tasks)}{named}",
        limit=f"<= {len(first.tasks)}",
        ok=len(last.tasks) <= len(first.tasks),
    )


def _endings(ended: Mapping[tuple[str, str], int]) -> Figure:
    wrong = {key: count for key, count in ended.items() if key[1] not in KINDS[key[0]].ends}
    words = ", ".join(f"{kind} {status} {count:,}" for (kind, status), count in wrong.items())
    return Figure(
        name=f"calls that ended as their kind may not, of {sum(ended.values()):,}",
        value=f"{sum(wrong.values()):,}" + (f" ({words})" if words else ""),
        limit="0",
        ok=not wrong,
    )
