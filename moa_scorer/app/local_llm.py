"""A llama.cpp server in this process, for the panels `local-llm` and `embedded+local-llm`."""

import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

from moa_scorer.app.cores import cores
from moa_scorer.judges.local.model_parts import GGUF, MODEL_ID

DEFAULT_ADDRESS: Final = "127.0.0.1:8080"
"""Where the endpoint `llama_cpp` looks."""
CONTEXT: Final = 4096
CACHE_MIB: Final = 256
"""Of prompts that were read before; the server's own default is 8 GiB."""
QUIET: Final = 1
"""Errors only: what the server says below that is for its developers."""
LOUD: Final = 3
PATIENCE: Final = 300.0
"""Seconds until a server that loads its model is given up."""
PAUSE: Final = 0.2
"""Seconds between two looks at its health."""

_NO_PROXY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class CannotServe(Exception):
    """The server cannot be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalLlm:
    """What is served, and how."""

    model: Path
    """A GGUF with a chat template."""
    model_id: str
    """What the server says that it is."""
    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes a free one."""
    threads: int = 1
    """Threads that compute, >= 1. More than there are idle cores makes it far slower, not faster."""
    slots: int = 1
    """Requests that are worked on side by side, >= 1; each has its share of the context."""
    context: int = CONTEXT
    """Tokens of all slots together."""
    cache_mib: int = CACHE_MIB
    """Megabytes for prompts of requests past."""
    verbose: bool = False
    """Whether the server says on stderr what it does."""


def spare_threads() -> int:
    """All cores but one, which the scorer needs itself; at least 1."""
    return max(1, cores() - 1)


def local_llm(
    model: Path, address: str = DEFAULT_ADDRESS, *, threads: int | None = None, slots: int = 1
) -> LocalLlm:
    """The usual server of a model; each slot has the usual context."""
    host, _, port = address.rpartition(":")
    return LocalLlm(
        model=model,
        model_id=MODEL_ID if model.name == GGUF else model.stem,
        host=host.strip("[]"),
        port=int(port),
        threads=threads or spare_threads(),
        slots=slots,
        context=CONTEXT * slots,
    )


def start(wanted: LocalLlm) -> tuple[Any, str]:
    """Starts the server in threads of this process: (what keeps it alive, its base URL).

    Raises CannotServe. Returns before the model is loaded: see `wait_until_healthy`.
    """
    if not wanted.model.is_file():
        raise CannotServe(f"there is no model file {wanted.model}: run `moa-scorer models fetch --local-llm`")
    try:
        import xllamacpp
    except ImportError as error:
        raise CannotServe(
            'the server is not installed: run `pip install "moa-scorer[local-llm]"`, or `make local-llm`'
        ) from error
    try:
        server = xllamacpp.Server(_parameters(xllamacpp.CommonParams(), wanted))
    except RuntimeError as error:
        raise CannotServe(
            f"llama.cpp cannot serve {wanted.model} on {wanted.host}:{wanted.port}: it is not a GGUF that it "
            "reads, the port is taken, or memory is short; its own words are above"
        ) from error
    return server, str(server.listening_address).rstrip("/")


def _parameters(parameters: Any, wanted: LocalLlm) -> Any:
    """The library's own parameters, as wanted."""
    parameters.model.path = str(wanted.model)
    parameters.model_alias = {wanted.model_id}
    parameters.hostnames = [wanted.host]
    parameters.port = wanted.port
    parameters.n_ctx = wanted.context
    parameters.n_parallel = wanted.slots
    parameters.cpuparams.n_threads = wanted.threads
    parameters.cpuparams_batch.n_threads = wanted.threads
    parameters.cache_ram_mib = wanted.cache_mib
    parameters.verbosity = LOUD if wanted.verbose else QUIET
    parameters.endpoint_metrics = True
    parameters.endpoint_slots = True
    parameters.offline = True
    parameters.ui = False
    return parameters


def wait_until_healthy(
    url: str,
    patience: float = PATIENCE,
    *,
    clock: Callable[[], float] = monotonic,
    pause: Callable[[float], object] = threading.Event().wait,
) -> None:
    """Returns when the server answers; raises CannotServe after so many seconds without."""
    end = clock() + patience
    while not _healthy(url):
        if clock() > end:
            raise CannotServe(f"the server at {url} did not get ready within {patience:.0f} s")
        pause(PAUSE)


def _healthy(url: str) -> bool:
    try:
        with _NO_PROXY.open(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def serve_until_signal(wanted: LocalLlm, tell: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT; raises CannotServe. `tell` is given a line when it is ready."""
    server, url = start(wanted)
    wait_until_healthy(url)
    tell(f"{wanted.model.name} is served on {url}/v1 with {wanted.threads} thread(s); Ctrl-C ends it")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(1.0):
        pass
    del server
