"""The layers of one request: who sits in each, for how long, and how long that is expected to take."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from moa_scorer.domain.budget import Budget
from moa_scorer.domain.judge import Estimate, Judge
from moa_scorer.domain.panel import Layer, Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLayer:
    """Judges that will be asked side by side."""

    layer: Layer
    judges: tuple[Judge, ...]
    """Those not left out, the quickest first; may be empty."""
    share: float
    """Its part of the whole latency budget, in [0, 1]; 0 when nobody is asked."""
    of_the_rest: float
    """Its part of the time left when it begins, in [0, 1]: what earlier layers did not use is in it."""
    estimate: Estimate

    def budget(self, whole: Budget, now: float) -> Budget:
        """Its part of the budget when it begins now."""
        return Budget(now + whole.remaining(now) * self.of_the_rest)


def planned_layers(
    panel: Panel, judges: Sequence[Judge], estimates: Mapping[str, Estimate], absent: Collection[str]
) -> tuple[PlannedLayer, ...]:
    """The panel's layers without the judges that are left out; the time of empty layers is the others'."""
    seats = {judge.profile.name: judge for judge in judges}
    layers = panel.in_layers()
    asked = [tuple(seats[name] for name in layer.judges if name not in absent) for layer in layers]
    shares = [layer.share if here else 0.0 for layer, here in zip(layers, asked, strict=True)]
    later = [*accumulate(reversed(shares))][::-1]
    return tuple(
        PlannedLayer(
            layer=layer,
            judges=_quickest_first(here, estimates),
            share=share / later[0] if share else 0.0,
            of_the_rest=share / rest if share else 0.0,
            estimate=_side_by_side(here, estimates),
        )
        for layer, here, share, rest in zip(layers, asked, shares, later, strict=True)
    )


def one_after_another(layers: Sequence[PlannedLayer]) -> Estimate:
    """What all layers take together."""
    return Estimate(
        seconds=sum(layer.estimate.seconds for layer in layers),
        micro_usd=sum(layer.estimate.micro_usd for layer in layers),
    )


def _quickest_first(judges: Sequence[Judge], estimates: Mapping[str, Estimate]) -> tuple[Judge, ...]:
    """Local judges share threads, first come first served: in this order an early end costs the slowest."""
    return tuple(sorted(judges, key=lambda judge: estimates[judge.profile.name].seconds))


def _side_by_side(judges: Sequence[Judge], estimates: Mapping[str, Estimate]) -> Estimate:
    """Endpoints work at the same time; judges in this process share its processors."""
    here = [estimates[j.profile.name].seconds for j in judges if not j.profile.endpoint]
    elsewhere = [estimates[j.profile.name].seconds for j in judges if j.profile.endpoint]
    return Estimate(
        seconds=max(sum(here), *elsewhere, 0.0),
        micro_usd=sum(estimates[judge.profile.name].micro_usd for judge in judges),
    )
