"""What keeps a server from starting, and what it starts with though it may not be meant."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_security import Auth, Jwt, Tls
from moa_scorer.app.start_checks import check_start, start_mistakes
from moa_scorer.domain.errors import ConfigurationError
from tests.fakes.identities import Authority

KEYS = Auth(api_keys=True)


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """Files that go together."""
    authority = Authority.make()
    key, certificate = authority.issued("localhost")
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "clients.pem").write_bytes(authority.pem())
    return Tls(
        certificate=tmp_path / "cert.pem",
        key=tmp_path / "key.pem",
        client_authority=tmp_path / "clients.pem",
    )


def mistakes(settings: Settings) -> list[str]:
    return list(start_mistakes(settings))


def test_the_defaults_and_files_that_go_together_hold_no_mistake(tls: Tls) -> None:
    assert mistakes(Settings()) == []
    assert mistakes(Settings(tls=tls, auth=KEYS, address="0.0.0.0:50051")) == []


@pytest.mark.parametrize(
    ("setting", "file", "wanted"),
    [
        ("certificate", "cert.pem", "a certificate in PEM"),
        ("key", "key.pem", "a private key without a password in PEM"),
        ("client_authority", "clients.pem", "certificates of authorities in PEM"),
    ],
)
def test_a_file_of_tls_that_is_not_there_or_not_pem_is_named_by_its_setting(
    tls: Tls, tmp_path: Path, setting: str, file: str, wanted: str
) -> None:
    settings, path = Settings(tls=tls), tmp_path / file
    path.write_text("half a file")
    assert mistakes(settings) == [f"settings: tls.{setting}: {path}: should hold {wanted}"]
    path.unlink()
    assert mistakes(settings) == [f"settings: tls.{setting}: {path}: No such file or directory"]


def test_every_file_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    gone = Tls(certificate=tmp_path / "a.pem", key=tmp_path / "b.pem", client_authority=tmp_path / "c.pem")
    assert [line.split(":")[1] for line in mistakes(Settings(tls=gone))] == [
        " tls.certificate",
        " tls.key",
        " tls.client_authority",
    ]


def test_a_key_of_another_certificate_is_a_mistake(tls: Tls, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(Authority.make().issued("localhost")[0])
    [mistake] = mistakes(Settings(tls=tls))
    assert mistake.startswith("settings: tls.key: ")
    assert "is not the key of" in mistake


def test_a_key_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    jwt = Jwt(issuer="us", audience="scorer", jwks_file=tmp_path / "jwks.json")
    [mistake] = mistakes(Settings(auth=Auth(jwt=jwt)))
    assert mistake == f"settings: auth.jwt.jwks_file: {tmp_path}/jwks.json: No such file or directory"


def test_api_keys_without_a_database_are_a_mistake() -> None:
    [mistake] = mistakes(Settings(auth=KEYS, database="off"))
    assert mistake.startswith("settings: auth.api_keys: keys are kept in the database, which is off; set")


def test_two_addresses_that_are_one_are_a_mistake_unless_each_takes_a_free_port() -> None:
    same = Settings(address="127.0.0.1:50051", metrics_address="127.0.0.1:50051")
    [mistake] = mistakes(same)
    assert mistake.startswith("settings: metrics_address: is the same as address (127.0.0.1:50051)")
    assert mistakes(Settings(address="127.0.0.1:0", admin_address="127.0.0.1:0")) == []


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    gone = Tls(certificate=tmp_path / "a.pem", key=tmp_path / "b.pem")
    with pytest.raises(ConfigurationError) as raised:
        check_start(Settings(tls=gone, auth=KEYS, database="off"))
    assert len(raised.value.mistakes) == 3


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        (Settings(auth=KEYS, address="0.0.0.0:50051"), ["0.0.0.0:50051"]),
        (Settings(auth=KEYS, address="127.0.0.1:50051", admin_address="10.0.0.1:50052"), ["10.0.0.1:50052"]),
        (Settings(auth=KEYS), []),
        (Settings(), []),
    ],
)
def test_credentials_in_clear_text_from_other_machines_are_warned_of(
    settings: Settings, warned: list[str]
) -> None:
    with capture_logs() as logs:
        check_start(settings)
    found = [line for line in logs if line["event"] == "credentials_in_clear_text"]
    assert [line["address"] for line in found] == warned
    assert all("proxy" in line["detail"] for line in found)


def test_with_tls_nothing_is_in_clear_text(tls: Tls) -> None:
    with capture_logs() as logs:
        check_start(Settings(auth=KEYS, address="0.0.0.0:50051", tls=tls))
    assert logs == []


def test_check_refuses_what_serve_would_refuse(tmp_path: Path) -> None:
    file = tmp_path / "production.toml"
    file.write_text('database = "off"\n[auth]\napi_keys = true\n[tls]\ncertificate = "c"\nkey = "k"\n')
    done = CliRunner().invoke(app, ["check", "--config", str(file)])
    assert done.exit_code == 1
    for setting in ("auth.api_keys", "tls.certificate", "tls.key"):
        assert f"settings: {setting}: " in done.stderr
    assert "3 mistakes" in done.stderr


def test_check_has_a_line_on_credentials_in_clear_text(tmp_path: Path) -> None:
    file = tmp_path / "production.toml"
    file.write_text('address = "0.0.0.0:50051"\n[auth]\napi_keys = true\n')
    done = CliRunner().invoke(app, ["check", "--config", str(file)])
    assert done.exit_code == 0, done.stderr
    assert "API keys and tokens reach address 0.0.0.0:50051 in clear text" in done.stdout
