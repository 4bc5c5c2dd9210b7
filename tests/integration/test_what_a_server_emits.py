"""What a real server emits while everything happens to it: all declared, and nothing that it must not."""

import re
from collections import defaultdict

import pytest

from moa_scorer.telemetry import signals
from tests.fakes.collector import fields_of
from tests.fakes.markers import found_in
from tests.fakes.stage import Shown, played

ALWAYS = {"event", "level", "timestamp"}
EVERYDAY = {
    *("rpc_finished", "item_scored", "judge_abstained", "judge_crashed", "cache_down", "database_opened"),
    *("server_listening", "metrics_listening", "server_serving", "server_draining", "server_stopped"),
    *("job_taken", "job_ended", "reload_refused", "catalog_reloaded", "circuit_changed"),
    "library_warned",
}
"""Events that a day of any server has; the others need what is told of in the tests of their modules."""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return played(tmp_path_factory.mktemp("stage"))


def test_no_log_line_holds_content_a_prompt_or_a_secret(shown: Shown) -> None:
    assert found_in(shown.log, shown.secrets) == []


def test_no_metric_holds_any(shown: Shown) -> None:
    assert found_in(shown.metrics, shown.secrets) == []


def test_no_span_and_no_evaluation_holds_any(shown: Shown) -> None:
    assert found_in(shown.collected.text(), shown.secrets) == []


def test_no_status_and_no_trailer_of_a_failed_call_holds_any(shown: Shown) -> None:
    assert len(shown.statuses) >= 7
    assert found_in("\n".join(shown.statuses), shown.secrets) == []


def test_no_command_that_fails_repeats_any(shown: Shown) -> None:
    assert found_in("\n".join(shown.commands), shown.secrets) == []


def test_every_log_line_is_a_declared_event_with_its_declared_fields(shown: Shown) -> None:
    assert [line for line in shown.log.splitlines() if not line.startswith("{")] == []
    for line in shown.events():
        declared = signals.EVENTS[line["event"]]
        assert set(line) - ALWAYS - set(signals.SCOPE) == set(declared.fields)


def test_the_events_of_every_day_are_all_emitted(shown: Shown) -> None:
    assert EVERYDAY - {line["event"] for line in shown.events()} == set()


def test_every_metric_is_declared_and_every_declared_one_is_told(shown: Shown) -> None:
    families = set(re.findall(r"^# TYPE (moa_\w+)", shown.metrics, re.M))
    told = {re.sub(r"_(total|created)$", "", name) for name in families}
    assert told == set(signals.METRICS)


def test_metrics_have_their_declared_labels(shown: Shown) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for name, labels in re.findall(r"^(moa_\w+)\{(.*)\} ", shown.metrics, re.M):
        base = re.sub(r"_(total|created|bucket|count|sum)$", "", name)
        found[base] |= set(re.findall(r'(\w+)="', labels)) - {"le"}
    assert found == {name: set(signals.METRICS[name].labels) for name in found}
    assert found["moa_ballots"] == {"judge", "outcome"}


def test_every_span_is_declared_and_every_declared_one_arrives(shown: Shown) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for span in shown.collected.spans():
        name, fields = declared_span(span.name), set(fields_of(span))
        assert fields <= set(signals.SPANS[name].fields), span.name
        seen[name] |= fields
    assert set(seen) == set(signals.SPANS)
    assert [(n, f) for n, s in signals.SPANS.items() for f in s.fields if f not in seen[n]] == []


def declared_span(name: str) -> str:
    patterns = {"judge ": "judge {judge}", "chat ": "chat {model}"}
    beginning = next((p for p in patterns if name.startswith(p)), "")
    return patterns.get(beginning) or ("{method}" if "/" in name else name)


def test_evaluations_arrive_beside_their_spans_with_their_declared_fields(shown: Shown) -> None:
    records = shown.collected.records()
    spans = {span.span_id for span in shown.collected.spans()}
    declared = signals.TRACE_EVENTS["gen_ai.evaluation.result"]
    assert {record.event_name for record in records} == {declared.name}
    assert {record.span_id for record in records} <= spans
    withheld = {"gen_ai.evaluation.explanation"}
    assert {f for r in records for f in fields_of(r)} == set(declared.fields) - withheld


def test_a_log_line_of_a_call_names_the_trace_that_arrived(shown: Shown) -> None:
    traces = {span.trace_id.hex() for span in shown.collected.spans()}
    named = {line["trace_id"] for line in shown.events() if line["event"] == "rpc_finished"}
    assert named
    assert named <= traces
