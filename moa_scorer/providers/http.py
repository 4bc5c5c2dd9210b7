"""The one shared session over which every endpoint is called."""

from moa_scorer.providers.failures import Failed
from moa_scorer.providers.spec import EndpointSpec
from moa_scorer.providers.wire import HttpAnswer, HttpCall


class Http:
    """One pool of kept-alive connections; opened by the first call, in that call's event loop."""

    async def send(self, spec: EndpointSpec, call: HttpCall, timeout: float) -> HttpAnswer | Failed:
        """The answer of any status, or why there is none; gives up after `timeout` seconds, > 0.

        A cancelled call closes its connection, so that the server sees it and may stop.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Closes every connection; sending again opens a new pool."""
        raise NotImplementedError
