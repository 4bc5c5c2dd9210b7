"""Operators' calls to a real server over TLS: whose certificate opens the admin port, and whose does not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner, Result

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.api.v1.admin_service_pb2_grpc import AdminServiceStub
from moa_scorer.app.cli.root import app
from tests.fakes.identities import Authority, Issuer
from tests.fakes.server_process import Process, starting, until
from tests.integration.test_admin import free_address
from tests.unit.contract.test_credentials import claims

Code = grpc.StatusCode
SETTINGS = """\
admin_address = "{address}"
database = "off"

[tls]
certificate = "cert.pem"
key = "key.pem"
client_authority = "clients.pem"

[auth]
certificates = [
    {{name = "ops", tenant = "acme", roles = ["admin"]}},
    {{name = "forum", tenant = "acme", roles = ["score"]}},
]
jwt = {{issuer = "https://issuer", audience = "moa", jwks_file = "jwks.json"}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A server whose admin port asks for certificates, and who issues them."""

    server: Process
    address: str
    folder: Path
    authority: Authority
    clients: Authority
    issuer: Issuer

    def credentials(
        self, name: str = "ops", by: Authority | None = None, trusts: Authority | None = None
    ) -> grpc.ChannelCredentials:
        key, certificate = (by or self.clients).issued(name)
        return grpc.ssl_channel_credentials((trusts or self.authority).pem(), key, certificate)

    def bearing(self, *roles: str) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.issuer.token(claims(roles=list(roles)))}"),)

    def status(self, credentials: grpc.ChannelCredentials | None, metadata: Any = ()) -> tuple[Code, str]:
        """What a call comes to on a connection of its own."""
        options = (("grpc.use_local_subchannel_pool", 1),)
        plain = grpc.insecure_channel(self.address, options)
        with plain if credentials is None else grpc.secure_channel(self.address, credentials, options) as one:
            try:
                AdminServiceStub(one).ListJudgeHealth(
                    pb.ListJudgeHealthRequest(), metadata=metadata, timeout=20
                )
            except grpc.RpcError as error:
                return error.code(), error.details() or ""
        return Code.OK, ""

    def command(self, *words: str, name: str = "", token: str = "") -> Result:
        """A command in an environment with a certificate of that name; without one it has none."""
        environment = {"MOA_SCORER_AUTHORITY": str(self.folder / "authority.pem"), "MOA_SCORER_TOKEN": token}
        (self.folder / "authority.pem").write_bytes(self.authority.pem())
        if name:
            for file, content in zip(("own_key", "own_cert"), self.clients.issued(name), strict=True):
                (self.folder / f"{file}.pem").write_bytes(content)
            environment["MOA_SCORER_CERTIFICATE"] = str(self.folder / "own_cert.pem")
            environment["MOA_SCORER_CERTIFICATE_KEY"] = str(self.folder / "own_key.pem")
        return CliRunner().invoke(app, words, env=environment)


def write_certificate(folder: Path, authority: Authority) -> None:
    key, certificate = authority.issued("localhost")
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(certificate)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, port = tmp_path_factory.mktemp("secured"), free_address().rpartition(":")[2]
    authority, clients, issuer = Authority.make("server"), Authority.make("clients"), Issuer()
    write_certificate(folder, authority)
    (folder / "clients.pem").write_bytes(clients.pem())
    issuer.write_keys(folder / "jwks.json")
    (folder / "moa-scorer.toml").write_text(SETTINGS.format(address=f"localhost:{port}"))
    with starting(folder) as start:
        server = start()
        server.wait_for("admin_listening")
        yield World(
            server=server,
            address=f"localhost:{port}",
            folder=folder,
            authority=authority,
            clients=clients,
            issuer=issuer,
        )


def test_a_certificate_of_an_operator_opens_it(world: World) -> None:
    assert world.status(world.credentials("ops")) == (Code.OK, "")


def test_a_token_of_an_operator_opens_it_behind_anybodys_certificate(world: World) -> None:
    nobody = world.credentials("nobody.in.particular")
    assert world.status(nobody, world.bearing("admin"))[0] is Code.OK
    assert world.status(nobody, world.bearing("score"))[0] is Code.PERMISSION_DENIED
    assert world.status(nobody)[0] is Code.UNAUTHENTICATED


def test_a_caller_without_the_role_is_told_which_one_it_lacks(world: World) -> None:
    code, words = world.status(world.credentials("forum"))
    assert code is Code.PERMISSION_DENIED
    assert "`admin`" in words


def test_a_handshake_fails_without_a_certificate_with_a_strangers_and_in_plain_text(world: World) -> None:
    strangers = Authority.make("strangers")
    for credentials in (
        grpc.ssl_channel_credentials(world.authority.pem()),
        world.credentials("ops", by=strangers),
        world.credentials("ops", trusts=strangers),
        None,
    ):
        assert world.status(credentials, world.bearing("admin"))[0] is Code.UNAVAILABLE


def test_a_certificate_that_is_exchanged_on_disk_serves_the_next_operator(world: World) -> None:
    new = Authority.make("new")
    try:
        write_certificate(world.folder, new)
        assert world.status(world.credentials(trusts=new))[0] is Code.OK
        assert world.status(world.credentials())[0] is Code.UNAVAILABLE
        (world.folder / "key.pem").write_text("half a file")
        assert world.status(world.credentials(trusts=new))[0] is Code.OK
        until(lambda: bool(world.server.events("certificate_refused")), "a refusal", world.server.log)
    finally:
        write_certificate(world.folder, world.authority)
    assert world.status(world.credentials())[0] is Code.OK


def test_an_authority_that_is_exchanged_on_disk_decides_who_the_next_operator_is(world: World) -> None:
    others = Authority.make("other clients")
    try:
        (world.folder / "clients.pem").write_bytes(others.pem())
        assert world.status(world.credentials("ops", by=others))[0] is Code.OK
        assert world.status(world.credentials("ops"))[0] is Code.UNAVAILABLE
    finally:
        (world.folder / "clients.pem").write_bytes(world.clients.pem())


def test_the_command_reaches_it_by_what_the_environment_names(world: World) -> None:
    listed = world.command("admin", "judges", "--server", world.address, "--json", name="ops")
    assert listed.exit_code == 0, listed.stderr
    assert "judges/civility" in {each["judge"] for each in json.loads(listed.stdout)}
    token = world.issuer.token(claims(roles=["admin"]))
    by_token = world.command("admin", "judges", "-s", world.address, name="somebody", token=token)
    assert by_token.exit_code == 0, by_token.stderr
    denied = world.command("admin", "judges", "--server", world.address, name="forum")
    assert (denied.exit_code, "needs the role `admin`" in denied.stderr) == (1, True)


def test_the_command_says_that_it_was_not_let_in(world: World) -> None:
    alone = world.command("admin", "judges", "--server", world.address)
    assert alone.exit_code == 4
    assert alone.stderr.startswith(f"moa-scorer: {world.address}: ")
    environment = {"MOA_SCORER_AUTHORITY": str(world.folder / "none.pem")}
    unread = CliRunner().invoke(app, ["admin", "judges", "--server", world.address], env=environment)
    assert (unread.exit_code, "MOA_SCORER_AUTHORITY: " in unread.stderr) == (1, True)


def test_the_health_of_a_server_that_asks_for_certificates_is_told_to_who_has_one(world: World) -> None:
    world.server.wait_for("server_serving")
    for address in (world.address, world.server.target.replace("127.0.0.1", "localhost")):
        told = world.command("health", "--server", address, "--timeout", "20", name="anybody")
        assert (told.exit_code, told.stdout) == (0, f"{address}: serving\n"), told.stderr
        refused = world.command("health", "--server", address)
        assert refused.exit_code == 4
