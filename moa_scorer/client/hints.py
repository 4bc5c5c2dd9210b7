"""What to look at where a connection fails, by the words of grpcio."""

from typing import Final

NOT_IN_PLAIN_TEXT: Final = (
    "a key or token goes to another machine over TLS only: give `credentials` to the client, "
    "MOA_SCORER_AUTHORITY to a command"
)
_ELSEWHERE: Final = "neither UDS or TCP loopback"
"""Said where a token would have left this machine in plain text."""
_HINTS: Final = (
    (
        "Socket closed",
        "if the server takes encrypted connections only, say whose certificate it has (`credentials` of the "
        "client, MOA_SCORER_AUTHORITY of a command); if it asks for a certificate, show one "
        "(MOA_SCORER_CERTIFICATE, …_CERTIFICATE_KEY)",
    ),
    (
        "WRONG_VERSION_NUMBER",
        "the server does not encrypt there: connect without `credentials` (MOA_SCORER_AUTHORITY)",
    ),
    (
        "Hostname Verification",
        "the server's certificate is for other names than the one that was called",
    ),
    (
        "security handshaker",
        "the certificates of `credentials` cannot be used: are they PEM, and does the key fit?",
    ),
    (
        "Tls handshake failed",
        "the server's certificate was not issued by the authority in `credentials` "
        "(MOA_SCORER_AUTHORITY), or has expired",
    ),
)
"""Words in the library's message -> a sentence; the first that fits."""


def mended(words: str) -> str:
    """The library's message on a connection with a sentence on what to look at, where one is known."""
    if _ELSEWHERE in words:
        return NOT_IN_PLAIN_TEXT
    hint = next((hint for said, hint in _HINTS if said in words), "")
    return f"{words.rstrip('.')}: {hint}" if hint else words
