"""A plugin of pytest: whatever a test makes the service emit is declared, and holds no content and no secret.

It hears every log line of this process, every status that a client in it got, and the logs of servers that
tests start. What tests use as content is remembered for the length of the test, and looked for like the
planted `markers`. A whole run ends with the declared events that no test provoked, if there are any.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc.aio
import pytest
import structlog.testing
from prometheus_client import REGISTRY, generate_latest

from moa_scorer.domain.content import Content
from moa_scorer.providers.model import ModelRequest
from moa_scorer.telemetry import signals
from tests.fakes import server_process
from tests.fakes.markers import found_in

SHORTEST: Final = 16
"""Characters of a content that is looked for; shorter ones may be words of anything."""
LOOKED_FOR: Final = 60
"""Characters of it that are."""
ALWAYS: Final = {"event", "level", "log_level", "timestamp"}


@dataclass(slots=True)
class Emissions:
    """What was emitted so far, and what of it is wrong."""

    seen: set[str] = field(default_factory=set)
    """Names of events."""
    wrong: list[str] = field(default_factory=list)
    """Of the test that runs."""
    contents: deque[str] = field(default_factory=lambda: deque(maxlen=50))
    counting: bool = True
    """Whether the test that runs has the service emit; tests of the room call its functions themselves."""

    def remember(self, text: str) -> None:
        """A text that must not be emitted from now on, until the test has ended."""
        if len(piece := text.strip()[:LOOKED_FOR]) >= SHORTEST:
            self.contents.append(piece)

    def heard(self, line: MutableMapping[str, Any]) -> None:
        """A log line."""
        name = str(line.get("event"))
        if self.counting:
            self.seen.add(name)
        declared = signals.EVENTS.get(name)
        if declared is None:
            self.wrong.append(f"the event {name} is not declared in telemetry/signals.py")
        elif odd := set(line) - ALWAYS - set(signals.SCOPE) - set(declared.fields):
            self.wrong.append(f"fields of {name} that are not declared: {sorted(odd)}")
        self.look(f"event {name}", repr(line))

    def look(self, where: str, text: str) -> None:
        """Something that was emitted."""
        self.wrong += [f"{where} holds {found}" for found in found_in(text, set(self.contents))]


EMITTED: Final = Emissions()


def server_log(path: Path) -> None:
    """The log of a server process that has ended."""
    for line in path.read_text(errors="replace").splitlines():
        EMITTED.look(f"the log of a server, {path.name},", line)
        if line.startswith("{") and "event" in (told := _json(line)):
            EMITTED.heard(told)


def _json(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _listening(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    EMITTED.heard(line)
    return line


def _after(original: Callable[..., None], then: Callable[[Any], None]) -> Callable[..., None]:
    """A constructor that tells of every object that it made."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        then(self)

    return init


def _configured(configure: Callable[..., None]) -> Callable[..., None]:
    """`structlog.configure` that leaves the listener in its place, after what adds the scope."""

    def wrapped(processors: Any = None, **others: Any) -> None:
        if processors is not None:
            *earlier, last = [p for p in processors if p is not _listening]
            processors = [*earlier, _listening, last]
        configure(processors=processors, **others)

    return wrapped


def _status(error: grpc.aio.AioRpcError) -> None:
    trailers = [value for _, value in error.trailing_metadata() or ()]
    EMITTED.look(f"the status {error.code()}", f"{error.details()} {trailers}")


def pytest_configure() -> None:
    """Listens from the first test on."""
    server_process.ENDED.append(server_log)
    structlog.configure = structlog.testing.configure = _configured(structlog.configure)
    structlog.configure(processors=structlog.get_config()["processors"])
    Content.__init__ = _after(Content.__init__, lambda made: EMITTED.remember(made.text))  # type: ignore[method-assign]
    ModelRequest.__init__ = _after(ModelRequest.__init__, lambda made: EMITTED.remember(made.user))  # type: ignore[method-assign]
    grpc.aio.AioRpcError.__init__ = _after(grpc.aio.AioRpcError.__init__, _status)  # type: ignore[method-assign]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before each test: what was made between two tests is no content of this one."""
    EMITTED.contents.clear()
    EMITTED.counting = "telemetry" not in item.path.parts


@pytest.fixture(autouse=True)
def _nothing_private_is_emitted() -> Iterator[None]:
    """Fails the test that emits something wrong."""
    yield
    EMITTED.contents.clear()
    wrong = list(dict.fromkeys(EMITTED.wrong))
    EMITTED.wrong.clear()
    assert wrong == []


@pytest.fixture(autouse=True, scope="session")
def _no_metric_is_private() -> Iterator[None]:
    yield
    assert found_in(generate_latest(REGISTRY).decode()) == []


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """After a whole run in one process, the declared events that no test provokes."""
    never = sorted(set(signals.EVENTS) - EMITTED.seen)
    if never and _is_whole(config):
        terminalreporter.write_line(f"declared events that no test provoked: {', '.join(never)}", yellow=True)


def _is_whole(config: pytest.Config) -> bool:
    chosen = config.getoption("keyword") or config.getoption("markexpr") or config.getoption("lf")
    if config.getoption("numprocesses", default=None):
        return False
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen
