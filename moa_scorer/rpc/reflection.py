"""Server reflection, v1 and v1alpha, complete enough for ghz and grpcurl."""

from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
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
    """What the stock servicer asks about symbols, with three things that it lacks.

    It finds methods by name, which ghz asks for and the default pool does not know. It describes our own
    files from the shipped descriptor set, which has the JSON names that generated code leaves out. And it
    knows the v1 reflection service, of which the package has no file: its messages are those of v1alpha.
    """

    def __init__(self) -> None:
        self._default = Default()
        self._pools = (_own_pool(), self._default)

    def FindFileByName(self, name: str) -> FileDescriptor:
        for pool in self._pools:
            with suppress(KeyError):
                return pool.FindFileByName(name)
        raise KeyError(name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:
        for pool in self._pools:
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


def _own_pool() -> DescriptorPool:
    """A pool apart from the default one, lest it clash with what generated code has put there."""
    pool = DescriptorPool()
    shipped = files("moa_scorer.api").joinpath("descriptor_set.binpb").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(shipped).file:
        pool.Add(file)
    pool.Add(_v1_file())
    return pool


def _v1_file() -> descriptor_pb2.FileDescriptorProto:
    alpha = descriptor_pb2.FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
    renamed = text_format.MessageToString(alpha).replace("v1alpha", "v1")
    file = text_format.Parse(renamed, descriptor_pb2.FileDescriptorProto())
    file.options.ClearField("deprecated")
    return file
