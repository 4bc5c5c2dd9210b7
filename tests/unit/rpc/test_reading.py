"""Bytes become messages only as far as the method has a use for them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.api.v1 import record_service_pb2 as records_pb
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.contract.errors import MalformedRequest
from moa_scorer.contract.limits import MOST_BYTES, MOST_FIELDS
from moa_scorer.domain.errors import InvalidRequest
from moa_scorer.rpc.reading import has_more_fields, reader

BATCH = "/moa_scorer.api.v1.ScoringService/BatchScoreContents"
DELETE = "/moa_scorer.api.v1.RecordService/DeleteRecords"
EMPTY_ITEM = b"\x0a\x00"
"""Two bytes, and 180 in memory."""


def test_a_batch_of_very_many_empty_items_is_refused_before_it_is_read() -> None:
    read = reader(BATCH, lambda _: pytest.fail("was read"))
    with pytest.raises(InvalidRequest, match="at most 5,000 fields"):
        read(EMPTY_ITEM * 1_000_000)


def test_a_batch_of_a_few_items_too_many_is_read_so_that_the_answer_can_name_them() -> None:
    read = reader(BATCH, pb.BatchScoreContentsRequest.FromString)
    item = pb.ScoreContentRequest()
    item.content.text = "x" * 1_000
    batch = pb.BatchScoreContentsRequest(requests=[item] * 101)
    assert read(batch.SerializeToString()) == batch


def test_only_methods_that_carry_texts_take_more_than_a_megabyte() -> None:
    long = records_pb.DeleteRecordsRequest(subject="x" * MOST_BYTES).SerializeToString()
    with pytest.raises(InvalidRequest, match="at most 1,048,576 bytes"):
        reader(DELETE, records_pb.DeleteRecordsRequest.FromString)(long)
    text = pb.ScoreContentRequest()
    text.content.text = "x" * 2 * MOST_BYTES
    read = reader("/moa_scorer.api.v1.ScoringService/ScoreContent", pb.ScoreContentRequest.FromString)
    assert read(text.SerializeToString()) == text


@given(st.lists(st.one_of(st.integers(0, 2**63 - 1), st.text(max_size=300), st.floats()), max_size=40))
def test_fields_are_counted_as_the_encoding_has_them(values: list[int | str | float]) -> None:
    data = b"".join(_field(value) for value in values)
    assert not has_more_fields(data, len(values))
    assert not values or has_more_fields(data, len(values) - 1)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_left_to_the_reader(data: bytes) -> None:
    assert not has_more_fields(data, MOST_FIELDS)
    with suppress(MalformedRequest):
        assert reader(DELETE, records_pb.DeleteRecordsRequest.FromString)(data) is not None


def _field(value: int | str | float) -> bytes:
    """One field of some message."""
    request = pb.ScoreContentRequest()
    if isinstance(value, str):
        request.panel = value or "p"
    elif isinstance(value, int):
        request.quorum = value % 2**31
    else:
        return b"\x79" + b"\0" * 8
    return request.SerializeToString()
