"""Which hosts are this machine's own."""

import ipaddress


def is_own_host(host: str) -> bool:
    """Whether a name or an address, without port and brackets, can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
