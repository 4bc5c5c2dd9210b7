"""What is read is what was written, to the last bit, or it is said what is damaged."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Ballot, Judgment
from moa_scorer.domain.content_digest import content_digest
from moa_scorer.domain.errors import DamagedRecord
from moa_scorer.domain.record import PlanRecord, Record
from moa_scorer.domain.request import Retention
from moa_scorer.storage import codec
from moa_scorer.storage.codec import Damaged
from moa_scorer.storage.parts import PARTS, taken_apart
from moa_scorer.storage.rows import record_of, rows_of
from tests.fakes.records import many_records

NUMBERS = st.floats(allow_nan=False)
st.register_type_strategy(float, NUMBERS)
BALLOTS = st.lists(st.builds(Ballot), max_size=4).map(tuple)


async def _record(**request: object) -> Record:
    _, (record,) = await many_records(1, share=0.2)
    return replace(record, request=replace(record.request, **request))  # type: ignore[arg-type]


def _read(row: dict[str, Any], frame: bytes) -> Record:
    return record_of(row, {row["frame"]: codec.FRAME.decode(frame)})  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(BALLOTS)
def test_ballots_are_read_as_they_were_written(ballots: tuple[Ballot, ...]) -> None:
    written = codec.BALLOTS.encode(ballots)

    assert codec.BALLOTS.decode(written) == ballots
    assert codec.BALLOTS.encode(codec.BALLOTS.decode(written)) == written


@given(st.floats())
def test_every_float_is_exact(value: float) -> None:
    kind = codec.Codec[float](float)

    assert repr(kind.decode(kind.encode(value))) == repr(value)


async def test_a_record_is_read_as_it_was_written_and_none_of_its_fields_is_left_out() -> None:
    _, records = await many_records(20)
    for record in records:
        rows = rows_of(record)
        assert _read(dict(rows.record), rows.frame.content) == record

    full = replace(
        records[0],
        shadows=(),
        origin="01J",
        audited=True,
        budget=0.1 + 0.2,
        created=datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC),
    )
    rows = rows_of(full)
    assert _read(dict(rows.record), rows.frame.content) == full


async def test_a_flipped_bit_of_any_part_is_found_and_named() -> None:
    record = await _record()
    rows = rows_of(record)
    for part in PARTS:
        for at in (0, 40, len(rows.record[part]) - 1):
            damaged = bytearray(rows.record[part])
            damaged[at] ^= 1
            with pytest.raises(DamagedRecord) as error:
                _read({**rows.record, part: bytes(damaged)}, rows.frame.content)
            assert (error.value.name, error.value.part) == (record.name, part)


async def test_a_part_of_another_record_is_damage() -> None:
    record = await _record()
    rows, others = rows_of(record), rows_of(replace(record, name="another"))

    with pytest.raises(DamagedRecord):
        _read({**rows.record, "verdict": others.record["verdict"]}, rows.frame.content)


@pytest.mark.parametrize(
    ("column", "value"), [("decision", "accept "), ("created", 1), ("content_digest", "sha256:0")]
)
async def test_a_column_that_says_something_else_is_damage(column: str, value: object) -> None:
    rows = rows_of(await _record())

    with pytest.raises(DamagedRecord, match="index"):
        _read({**rows.record, column: value}, rows.frame.content)


async def test_numbers_only_keeps_no_word_of_the_text_and_every_number() -> None:
    record = await _record(retention=Retention.NUMBERS, tags={"team": "a"})
    text = record.request.content.text
    ballots = tuple(replace(b, raw=(text,)) for b in record.verdict.ballots)
    record = replace(record, verdict=replace(record.verdict, ballots=ballots))
    rows = rows_of(record)
    kept = _read(dict(rows.record), rows.frame.content)

    assert text.encode() not in b"".join(rows.record[part] for part in PARTS)
    assert [b.scores() for b in kept.verdict.ballots] == [b.scores() for b in ballots]
    assert kept.verdict.outcome == record.verdict.outcome
    assert kept.facts == record.facts
    assert (kept.request.content.id, kept.request.tags) == (record.request.content.id, {"team": "a"})
    assert rows.record["content_digest"] == content_digest(record.request.content)
    for ballot in kept.verdict.ballots:
        if isinstance(ballot.outcome, Judgment):
            assert not ballot.outcome.critique
            assert not any(span.quote or span.note for span in ballot.outcome.evidence)


def test_bytes_of_something_else_are_damage() -> None:
    with pytest.raises(Damaged):
        codec.WAY.decode(b'[{"created": "yesterday"}]')


async def test_a_field_that_is_new_since_a_record_was_written_takes_its_default() -> None:
    record = await _record()
    older = json.loads(codec.FRAME.encode(taken_apart(record).frame))
    del older[0]["reference"]

    read: PlanRecord = codec.FRAME.decode(json.dumps(older).encode())
    assert read.reference == ""
