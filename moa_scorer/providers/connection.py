"""What a connection that broke, or never stood, comes to. Errors' texts are withheld: they hold addresses."""

from pathlib import Path

import aiohttp

from moa_scorer.providers.failures import Failed, Retry, failed
from moa_scorer.providers.spec import EndpointSpec


def broken(error: Exception, spec: EndpointSpec) -> Failed:
    """The failure that the error tells of."""
    match error:
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return failed(
                f"endpoint {spec.name} has no usable address; check base_url and proxy", unsent=True
            )
        case ValueError() if not isinstance(error, aiohttp.ClientError):  # a host or header that none can be
            return failed(f"no call to endpoint {spec.name} can be written; check base_url", unsent=True)
        case aiohttp.ClientConnectorCertificateError():
            detail = f"the certificate of endpoint {spec.name} is not trusted; check base_url and ca_file"
            return failed(detail)
        case aiohttp.ClientHttpProxyError():
            detail = f"the proxy before endpoint {spec.name} answered with status {error.status}"
            return failed(detail, retry=Retry.NO if error.status in (401, 403, 407) else Retry.TRANSIENT)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return failed(_not_connected(error, spec.name), retry=Retry.TRANSIENT)
        case aiohttp.ClientResponseError():
            detail = f"endpoint {spec.name} does not speak HTTP"
            return failed(detail, retry=Retry.TRANSIENT, may_cost=True)
        case _:
            detail = f"the connection to endpoint {spec.name} broke"
            return failed(detail, retry=Retry.TRANSIENT, may_cost=True)


def _not_connected(error: Exception, name: str) -> str:
    match error:
        case aiohttp.ClientProxyConnectionError():
            return f"no connection to the proxy before endpoint {name}; check proxy"
        case aiohttp.ClientConnectorDNSError():
            return f"the host of endpoint {name} is not found; check base_url"
        case aiohttp.ClientConnectorSSLError():
            return f"no TLS with endpoint {name}; check whether base_url is https or http"
        case _:
            return f"no connection to endpoint {name}; check that it runs, and base_url"


def untrusted_files(ca_file: Path, error: Exception) -> Failed:
    """A file of certificate authorities that cannot be used."""
    return failed(f"the CA file {ca_file.name} cannot be used: {type(error).__name__}", unsent=True)
