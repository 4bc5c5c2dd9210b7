"""Whatever bytes stand in a file, no good row is lost, and reading on from any row gives the same rows."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moa_scorer.domain.job_order import Columns, FileFormat
from moa_scorer.pipelines import rows as reading
from moa_scorer.pipelines.readers import count_rows, fingerprint, rows, source_of
from moa_scorer.pipelines.rows import BadRow, Unreadable

GOOD = json.dumps({"id": "good", "text": 'A "fine", long\ntext — ü'}).encode()
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANY_LINE = st.binary(max_size=40).map(lambda line: line.replace(b"\n", b" "))
PLAIN = st.text(st.characters(codec="utf-8", exclude_characters='"\r\n,;\t\0\ufeff'), min_size=1, max_size=12)


def fields_of(path: Path, skip: int = 0) -> list[Any]:
    """What each row says, or why it says nothing."""
    found: list[Any] = []
    for row in list(rows(source_of(path)))[skip:]:
        try:
            found.append(dict(row.parse()))
        except BadRow as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize(
    ("name", "wanted", "gzipped"),
    [
        ("a.jsonl", FileFormat.JSONL, False),
        ("a.NDJSON.gz", FileFormat.JSONL, True),
        ("a.b.csv", FileFormat.CSV, False),
        ("a.tsv.gz", FileFormat.CSV, True),
        ("a.parquet", FileFormat.PARQUET, False),
    ],
)
def test_the_name_says_the_format(tmp_path: Path, name: str, wanted: FileFormat, gzipped: bool) -> None:
    (tmp_path / name).touch()
    source = source_of(tmp_path / name, Columns(text="body"))

    assert (source.format, source.gzipped, source.columns.text) == (wanted, gzipped, "body")


@pytest.mark.parametrize("name", ["a.txt", "a", "a.parquet.gz"])
def test_a_name_that_says_none_is_refused_with_those_that_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(Unreadable, match=r"\.jsonl"):
        source_of(tmp_path / name)


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no such file"):
        source_of(tmp_path / "a.jsonl")


@FAST
@given(noise=st.lists(ANY_LINE, max_size=6), place=st.integers(0, 6), crlf=st.booleans())
def test_no_bytes_in_a_jsonl_file_lose_a_good_line(
    tmp_path: Path, noise: Sequence[bytes], place: int, crlf: bool
) -> None:
    lines = [*noise[:place], GOOD, *noise[place:]]
    path = tmp_path / "items.jsonl"
    path.write_bytes((b"\r\n" if crlf else b"\n").join(lines))

    assert json.loads(GOOD) in fields_of(path)


@FAST
@given(noise=st.lists(st.binary(max_size=40), max_size=4), seed=st.binary(max_size=3))
def test_a_file_can_be_read_on_from_any_of_its_rows(
    tmp_path: Path, noise: Sequence[bytes], seed: bytes
) -> None:
    for name, head in (("items.jsonl", b""), ("items.csv", b"id,text\n")):
        path = tmp_path / name
        path.write_bytes(head + b"\n".join([seed, GOOD, *noise, b'1,"two\nlines"', GOOD]))
        source, whole = source_of(path), list(rows(source_of(path)))
        assert count_rows(source) == len(whole)
        for row in whole:
            assert [each.at for each in rows(source, row.at)] == [each.at for each in whole[row.at.index :]]


@FAST
@given(table=st.lists(st.tuples(st.text(max_size=8), st.text(max_size=20)), max_size=8), mark=st.booleans())
def test_a_csv_file_says_what_was_written_into_it(
    tmp_path: Path, table: Sequence[tuple[str, str]], mark: bool
) -> None:
    kept = [(a.encode("utf-8", "replace").decode(), b.encode("utf-8", "replace").decode()) for a, b in table]
    quoted = "".join('"{}","{}"\r\n'.format(*(v.replace('"', '""') for v in row)) for row in kept)
    path = tmp_path / "items.csv"
    path.write_bytes(("\ufeff" * mark + "id,text\r\n" + quoted).encode())

    assert fields_of(path) == [{"id": a, "text": b} for a, b in kept]


@FAST
@given(before=PLAIN, after=PLAIN, opened=st.sampled_from(['1,"never closed', '"a","b","c', 'x,"y" z,"', '"']))
def test_a_quote_that_is_never_closed_costs_its_own_line(
    tmp_path: Path, before: str, after: str, opened: str
) -> None:
    path = tmp_path / "items.csv"
    path.write_text(f"id,text\n1,{before}\n{opened}\n2,{after}\n3,{after}\n", newline="")
    found = fields_of(path)

    assert len(found) == 4
    assert found[0] == {"id": "1", "text": before}
    assert isinstance(found[1], str)
    assert found[2:] == [{"id": "2", "text": after}, {"id": "3", "text": after}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_first_line_tells_what_stands_between_columns(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "items.csv"
    path.write_text(delimiter.join(["id", "text"]) + "\n" + delimiter.join(["1", "fine"]) + "\n")

    assert fields_of(path) == [{"id": "1", "text": "fine"}]


def test_a_row_with_another_number_of_columns_says_so(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id,text\n1,2,3\n\n4\n5,fine\n")

    assert fields_of(path) == [
        "has 3 columns where the first line names 2",
        "has 1 columns where the first line names 2",
        {"id": "5", "text": "fine"},
    ]


@pytest.mark.parametrize(("text", "why"), [("", "is empty"), ("a,a\n", "twice"), ("\udcff,b\n", "UTF-8")])
def test_a_csv_file_without_names_of_columns_is_unreadable(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(Unreadable, match=why):
        list(rows(source_of(path)))


def test_a_line_that_is_too_long_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 64)
    path = tmp_path / "items.jsonl"
    path.write_bytes(b"\n".join([b'{"text": "' + b"x" * 500 + b'"}', b'{"text": "fine"}']))
    found = list(rows(source_of(path)))

    assert fields_of(path) == ["is longer than 64 bytes", {"text": "fine"}]
    assert [row.at for row in rows(source_of(path), found[1].at)] == [found[1].at]


@FAST
@given(cut=st.integers(1, 300), flip=st.integers(0, 3_000))
def test_a_damaged_archive_ends_in_a_row_that_says_so(tmp_path: Path, cut: int, flip: int) -> None:
    lines = b"\n".join(json.dumps({"text": f"{n} {n * 7919 % 1013}"}).encode() for n in range(500))
    whole = bytearray(gzip.compress(lines))
    whole[10 + flip % (len(whole) - 18)] ^= 0xFF
    path = tmp_path / "items.jsonl.gz"
    path.write_bytes(bytes(whole[:-cut]))
    found = fields_of(path)

    assert "damaged" in found[-1]
    assert all(isinstance(each, dict | str) for each in found)


def test_a_parquet_file_is_read_from_any_row(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "items.parquet"
    table = pa.table({"id": list(range(30)), "text": [f"item {n}" for n in range(30)], "other": [0] * 30})
    parquet.write_table(table, path, row_group_size=7)
    source = source_of(path)
    whole = list(rows(source))

    assert count_rows(source) == 30
    assert [row.parse() for row in whole] == [{"id": n, "text": f"item {n}"} for n in range(30)]
    assert [row.at for row in rows(source, whole[9].at)] == [row.at for row in whole[9:]]


def test_what_is_no_parquet_file_is_unreadable(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "items.parquet"
    path.write_bytes(b"PAR1 or not")

    with pytest.raises(Unreadable, match="not a Parquet file"):
        list(rows(source_of(path)))


def test_a_changed_file_has_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(GOOD)
    before = fingerprint(path)
    path.write_bytes(GOOD.replace(b"good", b"evil"))

    assert fingerprint(path) != before
