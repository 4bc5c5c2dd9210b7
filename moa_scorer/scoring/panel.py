"""Asks the judges of a panel, layer after layer, within the budget."""

from collections.abc import Awaitable, Callable, Sequence

from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.domain.panel import When
from moa_scorer.scoring.layers import PlannedLayer
from moa_scorer.scoring.sitting import Item, Listener, Sitting

IsOpen = Callable[[], Awaitable[bool]]
"""Whether more ballots might change the decision, on the ballots that the listener has heard."""


async def collect(
    layers: Sequence[PlannedLayer],
    item: Item,
    budget: Budget,
    clock: Clock,
    listener: Listener | None = None,
    *,
    kept: Sequence[Ballot] = (),
    is_open: IsOpen | None = None,
) -> tuple[Ballot, ...]:
    """One ballot for each judge that is asked, layer after layer, each layer in panel order.

    A judge that fails, hangs or crashes casts an abstention; `listener` hears each ballot as it is cast.
    `kept` are ballots cast before, which later layers read. A tier is asked when `is_open` says so, always
    without it; else its judges abstain as not needed. Cancelling cancels every judge, and returns when all
    have ended.
    """
    known = {ballot.judge: ballot for ballot in kept}
    asked: tuple[Ballot, ...] = ()
    for position, layer in enumerate(layers):
        earlier = _earlier(layers[:position], known)
        is_tier = layer.layer.when is When.UNDECIDED and bool(layer.judges)
        needed = not is_tier or is_open is None or await is_open()
        part = layer.budget(budget, clock.monotonic())
        sitting = Sitting(
            layer.layer, item, earlier, part, clock, listener, later=position > 0 and layer.layer.reads
        )
        cast = await sitting.hold(layer.judges) if needed else sitting.spared(layer.judges)
        known |= cast
        asked += tuple(cast[name] for name in layer.layer.judges if name in cast)
    return asked


def _earlier(layers: Sequence[PlannedLayer], known: dict[str, Ballot]) -> tuple[Ballot, ...]:
    """The ballots of these layers so far, in panel order."""
    return tuple(known[name] for layer in layers for name in layer.layer.judges if name in known)
