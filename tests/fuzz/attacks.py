"""What a hostile or broken peer does: each attack is over within seconds and closes what it opened."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Final

from moa_scorer.api.v1 import content_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from tests.fuzz.frames import (
    END_HEADERS,
    INITIAL_WINDOW_SIZE,
    PREFACE,
    Type,
    call,
    call_fields,
    data,
    frame,
    header_block,
    headers,
    message,
    opened,
    setting,
)
from tests.fuzz.methods import Methods

LISTENS: Final = 0.3
"""Seconds that a peer listens for what the server says to it."""
SCORE: Final = "/moa_scorer.api.v1.ScoringService/ScoreContent"
STREAM: Final = "/moa_scorer.api.v1.ScoringService/StreamScoreContent"
PIPELINE: Final = "/moa_scorer.api.v1.ScoringService/ScorePipeline"
CONTENT: Final = pb.ScoreContentRequest(content=content_pb2.Content(text="Quite fine.")).SerializeToString()
TOO_MUCH: Final = 1024 * 1024
FLOOD: Final = 100
"""Connections, or frames of a kind, at once."""


class Peer:
    """One attacker: where the server is, and the draw of what is random."""

    def __init__(self, port: int, draw: Random) -> None:
        self.port = port
        self.draw = draw
        self.methods = Methods(draw)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
        """A connection, closed at the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def says(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """Sends the parts on a connection of its own and gives what comes back for a while."""
        async with self.connected() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
                if pause:
                    await asyncio.sleep(pause)
            return await _heard(reader)


async def _heard(reader: StreamReader) -> bytes:
    found = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(LISTENS):
            while part := await reader.read(65_536):
                found += part
    return found


async def noise(peer: Peer) -> None:
    """Bytes that are no protocol at all."""
    await peer.says(peer.draw.randbytes(peer.draw.randint(1, 5_000)))


async def noise_after_the_preface(peer: Peer) -> None:
    """A right beginning, then noise."""
    await peer.says(opened(), peer.draw.randbytes(peer.draw.randint(1, 5_000)))


async def random_frames(peer: Peer) -> None:
    """Frames of any kind, with any flags, of any stream, some of which lie about their length."""
    draw = peer.draw
    frames = [
        frame(
            draw.randrange(14),
            draw.randbytes(draw.randrange(200)),
            flags=draw.randrange(256),
            stream=draw.choice((0, 1, 2, 3, 2**31 - 1, 2**32 - 1)),
            length=draw.choice((None, None, 0, 5, 16_385, 2**24 - 1)),
        )
        for _ in range(draw.randint(1, 40))
    ]
    await peer.says(opened(), *frames)


async def damaged_call(peer: Peer) -> None:
    """A right call of which some bytes are changed."""
    await peer.says(peer.methods.damaged(opened() + call(SCORE, CONTENT)))


async def any_method(peer: Peer) -> None:
    """Ten calls of any methods, with requests that are filled at random or damaged."""
    calls = [call(*peer.methods.drawn(), stream) for stream in range(1, 21, 2)]
    await peer.says(opened(), *calls)


async def wrong_messages(peer: Peer) -> None:
    """gRPC messages that are cut short, lie about their length or their compression, or are many."""
    part = peer.draw.choice(
        (
            b"",
            b"\x00\x00",
            message(CONTENT, length=2**32 - 1),
            message(CONTENT, length=3),
            message(CONTENT, compressed=1),
            message(CONTENT, compressed=255),
            message(CONTENT) * 50,
            message(peer.draw.randbytes(3_000)),
        )
    )
    path = peer.draw.choice((SCORE, STREAM, PIPELINE))
    await peer.says(opened(), headers(call_fields(path)) + data(part))


async def wrong_headers(peer: Peer) -> None:
    """Header fields that are missing, doubled, forbidden or nonsense."""
    fields = call_fields(SCORE)
    match peer.draw.randrange(7):
        case 0:
            fields = fields[peer.draw.randrange(1, 5) :]
        case 1:
            fields += fields
        case 2:
            fields += [(b"grpc-timeout", peer.draw.choice((b"-1S", b"99999999999S", b"1", b"", b"0n")))]
        case 3:
            fields += [(b"Upper-Case", b"x"), (b"connection", b"close"), (b"bad\x00name", b"bad\x00value")]
        case 4:
            fields += [(b"grpc-encoding", b"gzip"), (b"content-type", b"text/html")]
        case 5:
            fields += [(b"grpc-status-details-bin", b"!!!not base64!!!"), (b"x-request-id", b"\xff" * 100)]
        case _:
            paths = (b"", b"/", b"no", b"/a/b/c", b"/" + b"x" * 4_000, b"/a.B/\xe6\xff")
            fields[2] = (b":path", peer.draw.choice(paths))
    await peer.says(opened(), headers(fields) + data(message(CONTENT)))


async def wrong_header_block(peer: Peer) -> None:
    """HPACK that refers to nothing, never ends, or asks for a huge table."""
    block = peer.draw.choice(
        (
            b"\xff" * 20,
            b"\x3f\xff\xff\xff\x7f" * 50,
            b"\x00\x7f\xff\xff\xff\xff\xff\x0f",
            b"\xbf" * 100,
            b"\x00",
        )
    )
    await peer.says(opened(), frame(Type.HEADERS, block, flags=END_HEADERS, stream=1))


async def huge_metadata(peer: Peer) -> None:
    """A megabyte of header fields, in frames that go on and on; every other time they never end."""
    block = header_block([*call_fields(SCORE), *((b"x-%d" % n, b"v" * 8_000) for n in range(128))])
    parts = [block[at : at + 16_000] for at in range(0, min(len(block), TOO_MUCH), 16_000)]
    ends = peer.draw.random() < 0.5
    frames = [frame(Type.HEADERS, parts[0], stream=1)]
    frames += [frame(Type.CONTINUATION, part, stream=1) for part in parts[1:-1]]
    frames.append(frame(Type.CONTINUATION, parts[-1], stream=1, flags=END_HEADERS * ends))
    await peer.says(opened(), *frames)


async def rapid_reset(peer: Peer) -> None:
    """Calls that are reset as soon as they are opened (CVE-2023-44487)."""
    reset = (8).to_bytes(4, "big")
    frames = [
        call(SCORE, CONTENT, stream) + frame(Type.RST_STREAM, reset, stream=stream)
        for stream in range(1, 2 * FLOOD, 2)
    ]
    await peer.says(opened(), *frames)


async def floods(peer: Peer) -> None:
    """Many frames that the other side has to answer or to count."""
    one = peer.draw.choice(
        (
            frame(Type.SETTINGS),
            frame(Type.PING, b"12345678"),
            frame(Type.WINDOW_UPDATE, (2**31 - 1).to_bytes(4, "big")),
            frame(Type.WINDOW_UPDATE, (0).to_bytes(4, "big"), stream=1),
            frame(Type.PRIORITY, (1).to_bytes(4, "big") + b"\x00", stream=1),
            frame(Type.DATA, b"", stream=1),
            frame(Type.GOAWAY, bytes(8)),
        )
    )
    await peer.says(opened(), headers(call_fields(SCORE)), one * FLOOD * 5)


async def nobody_reads(peer: Peer) -> None:
    """Streamed calls whose answers may not be sent: the caller grants no window."""
    calls = [call(STREAM, message_of(CONTENT), stream) for stream in range(1, 11, 2)]
    await peer.says(opened(setting(INITIAL_WINDOW_SIZE, 0)), *calls)
    await asyncio.sleep(peer.draw.random())


async def byte_by_byte(peer: Peer) -> None:
    """A beginning that takes its time, and then just stays (slowloris)."""
    whole = PREFACE + frame(Type.SETTINGS) + headers(call_fields(SCORE), flags=0)
    cut = peer.draw.randint(1, len(whole))
    await peer.says(*(whole[at : at + 1] for at in range(min(cut, 40))), pause=0.05)


async def half_a_call(peer: Peer) -> None:
    """A call whose message never comes, or whose stream never ends."""
    path = peer.draw.choice((SCORE, STREAM, PIPELINE))
    part = peer.draw.choice(
        (b"", data(message(CONTENT, length=5_000), flags=0), data(message(CONTENT), flags=0))
    )
    await peer.says(opened(), headers(call_fields(path)) + part)
    await asyncio.sleep(peer.draw.random())


async def many_connections(peer: Peer) -> None:
    """A hundred connections at once, of which half begin."""

    async def one(number: int) -> None:
        async with peer.connected() as (reader, writer):
            writer.write(opened() if number % 2 else b"")
            await _heard(reader)

    await asyncio.gather(*(one(number) for number in range(FLOOD)), return_exceptions=True)


async def leaves_at_once(peer: Peer) -> None:
    """Calls, and the connection is gone before any answer."""
    async with peer.connected() as (_, writer):
        writer.write(opened() + b"".join(call(SCORE, CONTENT, stream) for stream in range(1, 21, 2)))
        writer.transport.abort()


def message_of(content: bytes) -> bytes:
    """A StreamScoreContentRequest around the bytes of a ScoreContentRequest."""
    return b"\x0a" + bytes((len(content),)) + content


Attack = Callable[[Peer], Awaitable[None]]
ATTACKS: Final[Sequence[Attack]] = (
    *(noise, noise_after_the_preface, random_frames, damaged_call, any_method, any_method, any_method),
    *(wrong_messages, wrong_headers, wrong_header_block, huge_metadata, rapid_reset, floods),
    *(nobody_reads, byte_by_byte, half_a_call, many_connections, leaves_at_once),
)
