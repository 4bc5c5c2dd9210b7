"""HTTP/2 frames as bytes, right or wrong as asked for: a library would refuse to write the wrong ones."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
END_STREAM: Final = 0x1
END_HEADERS: Final = 0x4
INITIAL_WINDOW_SIZE: Final = 0x4
"""A setting: bytes that a peer may send on a stream before it is told to go on."""


class Type(IntEnum):
    """Types of frames, RFC 9113."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


def frame(
    kind: int, payload: bytes = b"", *, flags: int = 0, stream: int = 0, length: int | None = None
) -> bytes:
    """A frame; `length` lies about its payload."""
    said = len(payload) if length is None else length
    return said.to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def setting(name: int, value: int) -> bytes:
    """A SETTINGS frame of one setting."""
    return frame(Type.SETTINGS, name.to_bytes(2, "big") + value.to_bytes(4, "big"))


def header_block(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Fields as HPACK literals without indexing and without Huffman coding, RFC 7541."""
    return b"".join(b"\x00" + _string(name) + _string(value) for name, value in fields)


def _string(value: bytes) -> bytes:
    return _integer(len(value)) + value


def _integer(value: int) -> bytes:
    """With a prefix of seven bits."""
    if value < 127:
        return bytes((value,))
    found, value = [127], value - 127
    while value >= 128:
        found.append(value % 128 + 128)
        value //= 128
    return bytes((*found, value))


def call_fields(path: str | bytes, *extra: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """What a gRPC call's headers hold."""
    return [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path.encode() if isinstance(path, str) else path),
        (b":authority", b"localhost"),
        (b"te", b"trailers"),
        (b"content-type", b"application/grpc"),
        *extra,
    ]


def headers(fields: Iterable[tuple[bytes, bytes]], stream: int = 1, flags: int = END_HEADERS) -> bytes:
    """A HEADERS frame."""
    return frame(Type.HEADERS, header_block(fields), flags=flags, stream=stream)


def message(payload: bytes, *, compressed: int = 0, length: int | None = None) -> bytes:
    """A gRPC message before its framing; `length` lies about it."""
    said = len(payload) if length is None else length
    return bytes((compressed,)) + said.to_bytes(4, "big") + payload


def data(payload: bytes, stream: int = 1, flags: int = END_STREAM) -> bytes:
    """A DATA frame."""
    return frame(Type.DATA, payload, flags=flags, stream=stream)


def opened(*settings: bytes) -> bytes:
    """How a client begins."""
    return PREFACE + (b"".join(settings) or frame(Type.SETTINGS))


def call(path: str | bytes, payload: bytes, stream: int = 1, *extra: tuple[bytes, bytes]) -> bytes:
    """A whole call of one message."""
    return headers(call_fields(path, *extra), stream) + data(message(payload), stream)
