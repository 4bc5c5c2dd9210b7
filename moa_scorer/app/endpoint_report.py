"""What `check` and `doctor` say of every endpoint: its place, its key's place, prices, mechanisms."""

from collections.abc import Iterator
from dataclasses import dataclass

from moa_scorer.app.network import Network, key_problem, price_of
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.secrets import reference_of
from moa_scorer.providers.spec import EndpointSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReport:
    """One endpoint in words; never a key."""

    name: str
    place: str
    """Its address, and whose it is."""
    key: str
    """Where its key stands, and whether it can be read there."""
    keyless: bool
    """Whether a key is asked for that cannot be had now: its judges abstain."""
    judges: tuple[str, ...]
    """Each judge that asks it, with its model and whether a price is known."""
    mechanisms: tuple[str, ...]
    """Which of the traffic's mechanisms are on, and how they are set."""

    def brief(self) -> str:
        """A line for an endpoint that the default panel does not ask."""
        asking = [line for line in self.judges if line.startswith("judge ")]
        count = f"{len(asking)} judge{'s' if len(asking) != 1 else ''}"
        return f"{self.place}; {self.key}; {count}, none in the default panel"

    def lines(self) -> Iterator[str]:
        """The whole of it, the first line with the name."""
        yield f"endpoint {self.name}: {self.place}; {self.key}"
        yield from (f"  {line}" for line in (*self.judges, *self.mechanisms))


def endpoint_reports(network: Network) -> tuple[EndpointReport, ...]:
    """Every endpoint that is configured, by name."""
    return tuple(_report(network, network.endpoints[name]) for name in sorted(network.endpoints))


def _report(network: Network, endpoint: Endpoint) -> EndpointReport:
    spec, problem = endpoint.spec, key_problem(endpoint.spec)
    return EndpointReport(
        name=spec.name,
        place=f"{spec.base_url} ({'your own' if spec.local else 'a vendor'})",
        key=_key(spec, problem),
        keyless=bool(problem),
        judges=tuple(_judges(network, spec)),
        mechanisms=endpoint.describe(),
    )


def _key(spec: EndpointSpec, problem: str) -> str:
    if spec.key is None:
        return "asks for no key"
    return f"key: {problem}" if problem else f"key: in {reference_of(spec.key)}"


def _judges(network: Network, spec: EndpointSpec) -> Iterator[str]:
    for name, judge in network.judges.items():
        if judge.profile.endpoint == spec.name:
            model = judge.profile.model
            yield f"judge {name} asks {model}: {_price(network, spec, model)}"
    if spec.redact:
        yield f"is not shown: {', '.join(kind.replace('_', ' ') for kind in spec.redact)}"


def _price(network: Network, spec: EndpointSpec, model: str) -> str:
    if spec.local:
        return "costs nothing"
    entry = price_of(spec, model, network.prices)
    return f"price of {entry.as_of}" if entry else "no price known, so not asked under a cost ceiling"
