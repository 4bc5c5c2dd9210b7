"""Asks the judges of a panel, layer after layer, within the budget."""

from collections.abc import Sequence

from moa_scorer.domain.ballot import Ballot
from moa_scorer.domain.budget import Budget, Clock
from moa_scorer.scoring.layers import PlannedLayer
from moa_scorer.scoring.sitting import Item, Listener, Sitting


async def collect(
    layers: Sequence[PlannedLayer], item: Item, budget: Budget, clock: Clock, listener: Listener | None = None
) -> tuple[Ballot, ...]:
    """One ballot for each judge that is asked, layer after layer, each layer in panel order.

    A judge that fails, hangs or crashes casts an abstention; `listener` hears each ballot as it is cast.
    Cancelling cancels every judge, and returns when all have ended.
    """
    earlier: tuple[Ballot, ...] = ()
    for position, layer in enumerate(layers):
        part = layer.budget(budget, clock.monotonic())
        sitting = Sitting(layer.layer, item, earlier, part, clock, listener, later=position > 0)
        cast = await sitting.hold(layer.judges)
        earlier += tuple(cast[name] for name in layer.layer.judges if name in cast)
    return earlier
