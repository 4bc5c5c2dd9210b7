"""Form under way."""

from moa_scorer.providers.failures import Failed
from moa_scorer.providers.model import ModelReply, ModelRequest
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.wire import HttpAnswer, HttpCall


def encode(request: ModelRequest, model: str, spec: EndpointSpec) -> HttpCall:
    """As in `WireFormat`."""
    raise NotImplementedError


def decode(answer: HttpAnswer, request: ModelRequest, spec: EndpointSpec) -> ModelReply | Failed:
    """As in `WireFormat`."""
    raise NotImplementedError
