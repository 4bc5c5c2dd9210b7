"""Server reflection, v1 and v1alpha, complete enough for ghz and grpcurl."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import grpc
import grpc.aio
from google.protobuf import descriptor_pb2, text_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pool import Default, DescriptorPool
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha._async import ReflectionServicer

V1: Final = "grpc.reflection.v1.ServerReflection"
V1ALPHA: Final = "grpc.reflection.v1alpha.ServerReflection"


def add_reflection(server: grpc.aio.Server, services: Sequence[str]) -> None:
    """Answers reflection about these services, given by full name, and about reflection itself."""
    servicer = ReflectionServicer((*services, V1, V1ALPHA), MethodPool())
    handlers = {
        "ServerReflectionInfo": grpc.stream_stream_rpc_method_handler(
            servicer.ServerReflectionInfo,
            request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
            response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
        )
    }
    for name in (V1, V1ALPHA):
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))


class MethodPool:
    """The default pool, which also finds methods by name and knows the v1 reflection service.

    The stock servicer asks a pool that knows no methods, and ghz asks for them; the package ships no v1
    file, whose messages are those of v1alpha.
    """

    def __init__(self) -> None:
        self._default = Default()
        self._v1 = _v1_pool()

    def FindFileByName(self, name: str) -> FileDescriptor:
        try:
            return self._default.FindFileByName(name)
        except KeyError:
            return self._v1.FindFileByName(name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:
        for pool in (self._default, self._v1):
            for find in (_symbol_file, _method_file):
                with suppress(KeyError):
                    return find(pool, symbol)
        raise KeyError(symbol)

    def FindMessageTypeByName(self, name: str) -> Descriptor:
        return self._default.FindMessageTypeByName(name)

    def FindExtensionByNumber(self, message: Descriptor, number: int) -> FieldDescriptor:
        return self._default.FindExtensionByNumber(message, number)

    def FindAllExtensions(self, message: Descriptor) -> list[FieldDescriptor]:
        return self._default.FindAllExtensions(message)


def _symbol_file(pool: DescriptorPool, symbol: str) -> FileDescriptor:
    return pool.FindFileContainingSymbol(symbol)


def _method_file(pool: DescriptorPool, method: str) -> FileDescriptor:
    found = pool.FindMethodByName(method)
    return found.containing_service.file


def _v1_pool() -> DescriptorPool:
    """A pool of its own, lest it clash with a v1 file that something else may load."""
    alpha = descriptor_pb2.FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
    renamed = text_format.MessageToString(alpha).replace("v1alpha", "v1")
    file = text_format.Parse(renamed, descriptor_pb2.FileDescriptorProto())
    file.options.ClearField("deprecated")
    pool = DescriptorPool()
    pool.Add(file)
    return pool
