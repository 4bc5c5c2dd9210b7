"""Every method that a server has on its port, and requests that are nearly right."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

import moa_scorer.api

DESCRIPTOR_SET: Final = Path(moa_scorer.api.__file__ or "").parent / "descriptor_set.binpb"
DEEPEST: Final = 3
"""Messages within messages that are filled in."""
WORDS: Final = ("", "a", "../../etc/passwd", "embedded-fast", "records/01J", "ü\u0000\u202e", "x" * 3_000)
NUMBERS: Final = (0, 1, -1, 2, 100, 2**31 - 1, -(2**31), 2**63 - 1)


class Methods:
    """Draws a method and a request for it."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTOR_SET.read_bytes())
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)  # type: ignore[no-untyped-call]
        self._methods = [
            (f"/{service.full_name}/{method.name}", message_factory.GetMessageClass(method.input_type))
            for file in files.file
            for service in pool.FindFileByName(file.name).services_by_name.values()
            for method in service.methods
        ]

    @property
    def paths(self) -> Sequence[str]:
        """Of all methods."""
        return [path for path, _ in self._methods]

    def drawn(self) -> tuple[str, bytes]:
        """A method's path and the bytes of a request: filled at random, and every other time damaged."""
        path, kind = self._draw.choice(self._methods)
        request = kind()
        self._fill(request, 0, self._draw.uniform(0.05, 0.6))
        encoded = request.SerializeToString()
        return path, self.damaged(encoded) if self._draw.random() < 0.5 else encoded

    def damaged(self, encoded: bytes) -> bytes:
        """The same with some bytes changed, cut off or put in."""
        found = bytearray(encoded or b"\x00")
        for _ in range(self._draw.randint(1, 8)):
            at = self._draw.randrange(len(found) + 1)
            match self._draw.randrange(3):
                case 0:
                    found[at:at] = self._draw.randbytes(self._draw.randint(1, 16))
                case 1:
                    del found[at:]
                case _:
                    found[at : at + 1] = self._draw.randbytes(1)
        return bytes(found)

    def _fill(self, message: Message, depth: int, share: float) -> None:
        """Sets about so large a share of the fields."""
        for field in message.DESCRIPTOR.fields:
            if self._draw.random() >= share:
                continue
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                if depth < DEEPEST and not field.message_type.GetOptions().map_entry:
                    inner = getattr(message, field.name)
                    self._fill(inner.add() if field.is_repeated else inner, depth + 1, share)
            else:
                self._set(message, field)

    def _set(self, message: Message, field: FieldDescriptor) -> None:
        value = self._value(field)
        try:
            if field.is_repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
        except (ValueError, TypeError):
            return  # out of the field's range

    def _value(self, field: FieldDescriptor) -> object:
        kind = field.cpp_type
        if kind == FieldDescriptor.CPPTYPE_STRING:
            word = self._draw.choice(WORDS)
            return word.encode() if field.type == FieldDescriptor.TYPE_BYTES else word
        if kind == FieldDescriptor.CPPTYPE_BOOL:
            return self._draw.random() < 0.5
        if kind in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
            return self._draw.choice((0.0, -1.0, 0.5, float("nan"), float("inf"), 1e308))
        return self._draw.choice(NUMBERS)
