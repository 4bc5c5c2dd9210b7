"""The table of signals against the modules that emit them and against those that call these."""

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from prometheus_client.metrics import MetricWrapperBase
from structlog.testing import capture_logs

import moa_scorer
from moa_scorer.telemetry import events, families, load, metrics, signals

PACKAGE = Path(moa_scorer.__file__).parent
SAMPLES = {
    str: "x",
    float: 0.5,
    int: 1,
    bool: True,
    float | None: None,
    Sequence[str]: ["x"],
    Mapping[str, int]: {"x": 1},
}


def functions(module: ModuleType) -> list[Callable[..., None]]:
    own = [f for _, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__]
    return [f for f in own if not f.__name__.startswith("_")]


EVENTS = [f for f in (*functions(events), *functions(load)) if f.__name__ in signals.EVENTS]


@pytest.mark.parametrize("event", EVENTS, ids=lambda f: f.__name__)
def test_an_event_has_the_fields_that_are_declared(event: Callable[..., None]) -> None:
    parameters = inspect.signature(event, eval_str=True).parameters.values()
    with capture_logs() as told:
        event(**{p.name: SAMPLES[p.annotation] for p in parameters})
    (line,) = told
    assert line.pop("event") == event.__name__
    assert set(line) - {"log_level"} == set(signals.EVENTS[event.__name__].fields)


def test_every_declared_event_has_a_function_and_every_function_of_the_room_is_declared() -> None:
    assert {f.__name__ for f in EVENTS} == set(signals.EVENTS)
    assert [f.__name__ for f in functions(events) if f.__name__ not in signals.EVENTS] == []


def test_every_declared_metric_is_made_and_no_other() -> None:
    made = [
        m for module in (metrics, load) for m in vars(module).values() if isinstance(m, MetricWrapperBase)
    ]
    names = [m._name for m in made]
    assert sorted(names) == sorted(signals.METRICS)


def test_a_metric_that_is_not_declared_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        families.counter("moa_unheard_of")


@pytest.fixture(scope="module")
def called() -> set[str]:
    """Names of functions that modules outside the room call on its modules, or pass on."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name in ("telemetry", "v1"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.add(f"{node.value.id}.{node.attr}")
    return found


@pytest.mark.parametrize("module", [events, metrics, load], ids=lambda m: m.__name__.rpartition(".")[2])
def test_nothing_is_declared_that_nobody_calls(module: ModuleType, called: set[str]) -> None:
    name = module.__name__.rpartition(".")[2]
    inside = {"metrics.happened", "metrics.call_ended", "metrics.circuit", "metrics.quota_refused"}
    inside |= {"metrics.ledger"}
    inside |= {"events.traces_unsent", "events.library_warned"}
    uncalled = {f"{name}.{f.__name__}" for f in functions(module)} - called - inside
    assert uncalled == set()


def test_log_lines_and_metrics_begin_in_this_room_only() -> None:
    emits = re.compile(r"^\s*(?:import|from) (structlog|prometheus_client|opentelemetry)\b", re.M)
    rooms = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        for found in emits.findall(path.read_text())
        if not (found == "prometheus_client" and path.parent.name == "web")
    }
    assert rooms == {"telemetry"}


def test_names_say_what_they_count() -> None:
    for metric in signals.METRICS.values():
        assert re.fullmatch(r"moa_[a-z_]+", metric.name)
        assert metric.help.endswith(".")
        assert (metric.kind is signals.Kind.GAUGE) == bool(metric.across)
        assert (metric.kind is signals.Kind.HISTOGRAM) == metric.name.endswith("_seconds")
