"""What the environment and the settings say of a server's certificate and of ours."""

from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.root import app
from moa_scorer.app.servers import (
    AUTHORITY,
    CERTIFICATE,
    CERTIFICATE_KEY,
    own_address,
    tls_credentials,
    way_by,
)
from moa_scorer.app.settings import Settings
from moa_scorer.app.settings_security import Tls
from moa_scorer.client.channel import BARE, blocking_channel
from moa_scorer.domain.errors import ConfigurationError
from tests.fakes.identities import Authority
from tests.fakes.servers import address_of_this_machine, knowing_no_method


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (AUTHORITY, CERTIFICATE, CERTIFICATE_KEY):
        monkeypatch.delenv(name, raising=False)


def test_nothing_said_is_a_plain_connection() -> None:
    assert tls_credentials() is None


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(AUTHORITY, str(tmp_path / "ca.pem"))
    with pytest.raises(ConfigurationError, match=r"MOA_SCORER_AUTHORITY: .*ca\.pem: No such file"):
        tls_credentials()


def test_a_certificate_without_its_key_or_an_authority_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "some.pem"
    file.write_bytes(Authority.make().pem())
    monkeypatch.setenv(CERTIFICATE, str(file))
    with pytest.raises(ConfigurationError, match="says nothing without MOA_SCORER_AUTHORITY"):
        tls_credentials()
    monkeypatch.setenv(AUTHORITY, str(file))
    with pytest.raises(ConfigurationError, match="belong together"):
        tls_credentials()


@pytest.mark.parametrize("name", [AUTHORITY, CERTIFICATE, CERTIFICATE_KEY])
def test_a_file_that_is_not_pem_is_refused_before_anybody_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "some.pem").write_text("half a file")
    monkeypatch.setenv(name, str(tmp_path / "some.pem"))
    with pytest.raises(ConfigurationError, match=rf"environment: {name}: .*some\.pem: should hold .* in PEM"):
        tls_credentials()


def status(channel: grpc.Channel) -> grpc.StatusCode:
    with channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/any/method")(b"", timeout=10)
    return caught.value.code()  # type: ignore[no-any-return]


def settings_with(certificate: Path) -> Settings:
    return Settings(tls=Tls(certificate=certificate, key=certificate))


def test_a_server_is_believed_by_its_own_certificate_under_any_address(tmp_path: Path) -> None:
    key, certificate = Authority.make().issued("scorer.example")
    (tmp_path / "cert.pem").write_bytes(certificate)
    way = way_by(settings_with(tmp_path / "cert.pem"))
    with knowing_no_method("0.0.0.0", grpc.ssl_server_credentials([(key, certificate)])) as port:
        asked = blocking_channel(f"127.0.0.1:{port}", way.credentials, options=way.options)
        assert status(asked) is grpc.StatusCode.UNIMPLEMENTED
    other = grpc.ssl_server_credentials([Authority.make().issued("scorer.example")])
    with knowing_no_method("0.0.0.0", other) as port:
        asked = blocking_channel(f"127.0.0.1:{port}", way.credentials, options=way.options)
        assert status(asked) is grpc.StatusCode.UNAVAILABLE


def test_what_the_environment_says_goes_before_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes(Authority.make().pem())
    monkeypatch.setenv(AUTHORITY, str(tmp_path / "ca.pem"))
    assert way_by(settings_with(tmp_path / "cert.pem")).options == BARE


def test_a_certificate_in_the_settings_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("half a file")
    for file in ("cert.pem", "none.pem"):
        with pytest.raises(ConfigurationError, match=rf"settings: tls\.certificate: .*{file}: "):
            way_by(settings_with(tmp_path / file))


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("0.0.0.0:50052", "localhost:50052"),
        ("[::]:50052", "localhost:50052"),
        ("10.1.2.3:50052", "10.1.2.3:50052"),
        ("", ""),
    ],
)
def test_a_server_that_listens_everywhere_is_asked_at_this_machine(address: str, own: str) -> None:
    assert own_address(address) == own


def test_an_operators_token_leaves_this_machine_over_tls_only() -> None:
    environment = {"MOA_SCORER_TOKEN": "secret"}
    with knowing_no_method("0.0.0.0") as port:
        elsewhere = f"{address_of_this_machine()}:{port}"
        away = CliRunner().invoke(app, ["admin", "judges", "-s", elsewhere], env=environment)
        here = CliRunner().invoke(app, ["admin", "judges", "-s", f"127.0.0.1:{port}"], env=environment)
    assert away.exit_code == 4
    assert away.stderr.startswith(f"moa-scorer: {elsewhere}: a key or token goes to another machine over TLS")
    assert "MOA_SCORER_AUTHORITY" in away.stderr
    assert here.exit_code == 1  # it was reached: UNIMPLEMENTED
    assert "commands of `admin` ask the server's `admin_address`" in here.stderr


def test_an_admin_address_that_nobody_names_is_asked_for() -> None:
    done = CliRunner().invoke(app, ["admin", "judges"])
    assert (done.exit_code, "--server" in done.stderr) == (2, True)


def test_the_server_that_scores_may_stand_in_the_environment() -> None:
    done = CliRunner().invoke(app, ["score", "hello"], env={"MOA_SCORER_SERVER": "127.0.0.1:1"})
    assert (done.exit_code, "cannot reach 127.0.0.1:1" in done.stderr) == (4, True)
