from pathlib import Path

import pytest

from moa_scorer.providers.failures import Failed, Retry
from moa_scorer.providers.secrets import key_headers, read_secret, reference_of
from moa_scorer.providers.spec import SecretRef, Wire
from tests.unit.providers.exchanges import endpoint

SECRET = "s3cr3t-value"
FROM_ENV = SecretRef(env="VENDOR_KEY")


def test_a_secret_is_read_anew_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_KEY", f" {SECRET}\n")
    assert read_secret(FROM_ENV) == SECRET
    monkeypatch.setenv("VENDOR_KEY", "another")
    assert read_secret(FROM_ENV) == "another"


def test_a_file_is_read_without_white_space_at_its_ends(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\r\n")
    assert read_secret(SecretRef(file=file)) == SECRET


@pytest.mark.parametrize("value", ["", "  ", "two\nlines", "schlüssel", "x" * 20_000])
def test_what_cannot_be_a_key_is_told_by_its_reference_alone(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("VENDOR_KEY", value)
    failure = read_secret(FROM_ENV)
    assert isinstance(failure, Failed)
    assert failure.retry is Retry.NO
    assert "VENDOR_KEY" in failure.failure.detail
    assert not value.strip() or value not in failure.failure.detail


def test_a_missing_file_is_told_by_its_name_without_its_folder(tmp_path: Path) -> None:
    failure = read_secret(SecretRef(file=tmp_path / "absent.key"))
    assert isinstance(failure, Failed)
    assert "absent.key" in failure.failure.detail
    assert str(tmp_path) not in failure.failure.detail


@pytest.mark.parametrize(
    ("wire", "key_header", "headers"),
    [
        (Wire.OPENAI, "", {"authorization": f"Bearer {SECRET}"}),
        (Wire.OPENAI, "api-key", {"api-key": SECRET}),
        (Wire.ANTHROPIC, "", {"x-api-key": SECRET}),
        (Wire.GEMINI, "", {"x-goog-api-key": SECRET}),
        (Wire.GEMINI, "Authorization", {"authorization": f"Bearer {SECRET}"}),
    ],
)
def test_each_vendor_gets_the_key_where_it_looks_for_it(
    monkeypatch: pytest.MonkeyPatch, wire: Wire, key_header: str, headers: dict[str, str]
) -> None:
    monkeypatch.setenv("VENDOR_KEY", SECRET)
    assert key_headers(endpoint(wire, key=FROM_ENV, key_header=key_header)) == headers


def test_an_endpoint_without_a_key_gets_no_header() -> None:
    assert key_headers(endpoint()) == {}
    assert "none is configured" in reference_of(None)
