"""Who may connect and call, over real encrypted connections."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.contract.credentials import Authenticator, Certificates, Way
from moa_scorer.contract.tokens import TokenRules, Tokens
from moa_scorer.domain.caller import Caller, Role
from moa_scorer.domain.tenant import Tenant
from moa_scorer.rpc.server import build_server
from moa_scorer.rpc.transport import TlsFiles, server_credentials
from tests.fakes.identities import Authority, Issuer
from tests.fakes.judges import five_judges, make_pipeline
from tests.unit.contract.test_credentials import claims

Code = grpc.StatusCode
REQUEST = pb.ScoreContentRequest(content=Content(text="Great post, thanks!"))


def files(folder: Path, authority: Authority, clients: Authority | None = None) -> TlsFiles:
    key, certificate = authority.issued("localhost")
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(certificate)
    if clients is not None:
        (folder / "clients.pem").write_bytes(clients.pem())
    return TlsFiles(
        certificate=folder / "cert.pem",
        key=folder / "key.pem",
        client_authority=folder / "clients.pem" if clients else None,
    )


@asynccontextmanager
async def serving(tls: TlsFiles, ways: Sequence[Way] = (), refused: Any = print) -> AsyncIterator[str]:
    server, port, health = await build_server(
        make_pipeline(five_judges()),
        address="127.0.0.1:0",
        authenticator=Authenticator(ways=ways),
        credentials=server_credentials(tls, refused),
    )
    await server.start()
    await health.serving()
    try:
        yield f"localhost:{port}"
    finally:
        await server.stop(None)


async def score(target: str, *, metadata: Any = (), **trusts: bytes) -> pb.ScoreContentResponse:
    credentials = grpc.ssl_channel_credentials(**trusts)
    async with grpc.aio.secure_channel(target, credentials) as channel:
        answer: pb.ScoreContentResponse = await ScoringServiceStub(channel).ScoreContent(
            REQUEST, metadata=metadata, timeout=5
        )
        return answer


async def refusal(target: str, **how: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await score(target, **how)
    return caught.value.code(), caught.value.details() or ""


async def test_a_client_certificate_of_a_listed_name_is_a_caller_and_others_are_not(tmp_path: Path) -> None:
    ours, theirs, strangers = Authority.make(), Authority.make("clients"), Authority.make("strangers")
    ann = Caller(name="ann", tenant=Tenant("acme"), roles=frozenset({Role.SCORE}))
    way = Certificates(callers={"ann.acme": ann})
    async with serving(files(tmp_path, ours, theirs), [way]) as target:
        roots = {"root_certificates": ours.pem()}
        key, certificate = theirs.issued("ann.acme")
        answer = await score(target, **roots, private_key=key, certificate_chain=certificate)
        assert answer.HasField("scored")
        key, certificate = theirs.issued("bob.acme")
        code, words = await refusal(target, **roots, private_key=key, certificate_chain=certificate)
        assert (code, "client certificate" in words) == (Code.UNAUTHENTICATED, True)
        key, certificate = strangers.issued("ann.acme")
        code, _ = await refusal(target, **roots, private_key=key, certificate_chain=certificate)
        assert code is Code.UNAVAILABLE  # the handshake fails: no call is made
        code, _ = await refusal(target, **roots)
        assert code is Code.UNAVAILABLE


async def test_a_token_opens_what_its_roles_allow_and_nothing_else(tmp_path: Path) -> None:
    authority, issuer = Authority.make(), Issuer()
    keys = issuer.write_keys(tmp_path / "jwks.json")
    way = Tokens(rules=TokenRules(issuer="https://issuer", audience="moa", jwks_file=keys))
    async with serving(files(tmp_path, authority), [way]) as target:
        roots = {"root_certificates": authority.pem()}

        def bearing(**others: Any) -> dict[str, Any]:
            return {**roots, "metadata": (("authorization", f"Bearer {issuer.token(claims(**others))}"),)}

        assert (await score(target, **bearing())).HasField("scored")
        code, words = await refusal(target, **bearing(roles=["audit"]))
        assert (code, "`score`" in words) == (Code.PERMISSION_DENIED, True)
        assert (await refusal(target, **bearing(exp=1)))[0] is Code.UNAUTHENTICATED
        assert (await refusal(target, **roots))[0] is Code.UNAUTHENTICATED


async def test_a_certificate_that_was_exchanged_on_disk_serves_the_next_connection(tmp_path: Path) -> None:
    old, new = Authority.make("old"), Authority.make("new")
    told: list[str] = []
    async with serving(files(tmp_path, old), refused=told.append) as target:
        assert (await score(target, root_certificates=old.pem())).HasField("scored")
        files(tmp_path, new)
        assert (await score(target, root_certificates=new.pem())).HasField("scored")
        assert (await refusal(target, root_certificates=old.pem()))[0] is Code.UNAVAILABLE
        (tmp_path / "key.pem").write_text("half a file")
        assert (await score(target, root_certificates=new.pem())).HasField("scored")
        assert "is not PEM" in told[-1]


def test_a_key_that_is_not_the_certificates_is_refused_at_the_start(tmp_path: Path) -> None:
    tls = files(tmp_path, Authority.make())
    (tmp_path / "key.pem").write_bytes(Authority.make("another").issued("localhost")[0])
    with pytest.raises(ValueError, match="is not the key of"):
        server_credentials(tls, print)
