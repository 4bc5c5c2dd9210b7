"""`make demo-secure`: a server with TLS, client certificates, tokens and two tenants, and what it refuses.

Authority, certificates and issuer are made for the occasion. Each forbidden action must end in the status
that the contract says, and what is allowed must work: else the exit status is 1.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc
import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.demo.identities import Authority, Issuer
from deploy.demo.show import console, heading, table
from deploy.local_server import Server, ServerFailed, channel_to, serving
from moa_scorer.api.v1 import job_service_pb2, record_service_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.job_service_pb2_grpc import JobServiceStub
from moa_scorer.api.v1.record_service_pb2_grpc import RecordServiceStub
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub

PANEL: Final = "embedded-fast"
ISSUER: Final = "https://issuer.example"
AUDIENCE: Final = "moa-scorer"
CLIENT: Final = "gateway.acme"
SECONDS: Final = 20
PATIENCE: Final = 180.0
"""Seconds until the server must be healthy."""
Code = grpc.StatusCode


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that was made for the occasion."""

    server: Server
    authority: Authority
    clients: Authority
    issuer: Issuer

    def credentials(self, by: Authority | None = None, name: str = CLIENT) -> grpc.ChannelCredentials:
        """Of a client with a certificate by an authority, by default the one that the server believes."""
        key, certificate = (by or self.clients).issued(name)
        return grpc.ssl_channel_credentials(self.authority.pem(), key, certificate)

    @contextmanager
    def calling(self, credentials: grpc.ChannelCredentials | None = None) -> Iterator[grpc.Channel]:
        """A channel of the believed client, or with other credentials."""
        with channel_to(
            self.server.host, credentials or self.credentials(name="nobody.in.particular")
        ) as channel:
            yield channel

    def token(self, tenant: str, *roles: str, **others: object) -> str:
        """A token of the issuer."""
        return self.issuer.token(claims(tenant, *roles, **others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Something that somebody tries."""

    what: str
    expected: grpc.StatusCode
    action: Callable[[], object]

    def outcome(self) -> grpc.StatusCode:
        """The status that it ended in."""
        try:
            self.action()
        except grpc.RpcError as error:
            return error.code()  # type: ignore[no-any-return]
        return Code.OK


def claims(tenant: str, *roles: str, **others: object) -> dict[str, object]:
    """What a good token says, and `others` over it."""
    said = {"sub": "demo", "iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 300}
    return {**said, "tenant": tenant, "roles": list(roles), **others}


def bearing(token: str) -> tuple[tuple[str, str], ...]:
    """A token as metadata."""
    return (("authorization", f"Bearer {token}"),)


def score(world: World, metadata: Any = (), credentials: grpc.ChannelCredentials | None = None) -> str:
    """Scores a text, and gives the name of the record."""
    with world.calling(credentials) as channel:
        request = pb.ScoreContentRequest(content=Content(text="Great post, thanks!", kind="comment"))
        answer = ScoringServiceStub(channel).ScoreContent(request, metadata=metadata, timeout=SECONDS)
        record: str = answer.record
        return record


def plainly(world: World) -> None:
    """Scores without encryption."""
    with grpc.insecure_channel(world.server.host.replace("localhost", "127.0.0.1")) as channel:
        ScoringServiceStub(channel).ScoreContent(pb.ScoreContentRequest(), timeout=SECONDS)


def on_record(world: World, token: str, method: str, **fields: Any) -> None:
    """Calls a method of the RecordService."""
    with world.calling() as channel:
        request = getattr(record_service_pb2, f"{method}Request")(**fields)
        getattr(RecordServiceStub(channel), method)(request, metadata=bearing(token), timeout=SECONDS)


def escalate(world: World, token: str, record: str) -> None:
    """Buys the judges that a record left unused."""
    with world.calling() as channel:
        request = pb.EscalateRecordRequest(record=record)
        ScoringServiceStub(channel).EscalateRecord(request, metadata=bearing(token), timeout=SECONDS)


def backfill(world: World, token: str, path: str) -> None:
    """Starts a backfill of a file."""
    with world.calling() as channel:
        order = job_service_pb2.Backfill(input=path)
        request = job_service_pb2.StartBackfillRequest(backfill=order)
        JobServiceStub(channel).StartBackfill(request, metadata=bearing(token), timeout=SECONDS)


def forbidden(world: World, record: str) -> Iterator[Attempt]:
    """What must be refused; `record` is one of the tenant acme."""
    unauthenticated, denied = Code.UNAUTHENTICATED, Code.PERMISSION_DENIED
    good = claims("acme", "score")
    stranger, other = Authority.make("stranger"), Issuer(kid=world.issuer.kid)
    public = world.issuer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    tokens = {
        "a token that has expired": world.token("acme", "score", exp=time.time() - 3600),
        "a token for another audience": world.token("acme", "score", aud="another-service"),
        "a token by another issuer's key": other.token(good),
        "a token without a signature": jwt.encode(good, "", algorithm="none", headers={"kid": "one"}),
        "a token signed with the public key as a secret": _confused(good, public),
        "a token without a tenant": world.token("", "score"),
    }
    gone = Code.UNAVAILABLE
    bare = grpc.ssl_channel_credentials(world.authority.pem())
    yield _attempt("score over a connection without encryption", gone, lambda: plainly(world))
    yield _attempt("connect without a client certificate", gone, lambda: score(world, (), bare))
    foreign = world.credentials(stranger)
    yield _attempt(
        "connect with a stranger's certificate", Code.UNAVAILABLE, lambda: score(world, (), foreign)
    )
    yield _attempt("score with a certificate nobody listed", unauthenticated, lambda: score(world))
    for what, token in tokens.items():
        yield _attempt(f"score with {what}", unauthenticated, _scoring(world, token))
    fake = (("x-api-key", "moa_abcdefghij_" + "A" * 43),)
    yield _attempt("score with an API key nobody made", unauthenticated, lambda: score(world, fake))
    scorer, auditor = world.token("acme", "score"), world.token("acme", "audit")
    rival = world.token("globex", "admin")
    yield _attempt("read a record with the role score", denied, _reading(world, scorer, "GetRecord", record))
    yield _attempt(
        "delete records with the role audit", denied, lambda: on_record(world, auditor, "DeleteRecords")
    )
    yield _attempt("start a job with the role score", denied, lambda: backfill(world, scorer, "a.jsonl"))
    missing = Code.NOT_FOUND
    yield _attempt("read another tenant's record", missing, _reading(world, rival, "GetRecord", record))
    yield _attempt("replay another tenant's record", missing, _reading(world, rival, "ReplayRecord", record))
    yield _attempt("escalate another tenant's record", missing, lambda: escalate(world, rival, record))
    outside = "../../etc/passwd.csv"
    yield _attempt(
        "backfill a file outside the folder", Code.INVALID_ARGUMENT, lambda: backfill(world, rival, outside)
    )


def allowed(world: World, record: str) -> Iterator[Attempt]:
    """The same by those who may: a server that refuses everything would prove nothing."""
    listed, ok = world.credentials(), Code.OK
    yield _attempt("score with a listed client certificate", ok, lambda: score(world, (), listed))
    yield _attempt("score with a token", ok, _scoring(world, world.token("acme", "score")))
    auditor = world.token("acme", "audit")
    yield _attempt("read a record with the role audit", ok, _reading(world, auditor, "GetRecord", record))
    yield _attempt("replay it", ok, _reading(world, auditor, "ReplayRecord", record))


def _attempt(what: str, expected: grpc.StatusCode, action: Callable[[], object]) -> Attempt:
    return Attempt(what=what, expected=expected, action=action)


def _scoring(world: World, token: str) -> Callable[[], object]:
    return lambda: score(world, bearing(token))


def _reading(world: World, token: str, method: str, record: str) -> Callable[[], object]:
    return lambda: on_record(world, token, method, name=record)


def _confused(good: Mapping[str, object], public: bytes) -> str:
    """HS256 with the issuer's public key as the secret: what a careless verifier would believe."""
    import base64
    import hashlib
    import hmac

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head = json.dumps({"alg": "HS256", "typ": "JWT", "kid": "one"}).encode()
    signed = f"{part(head)}.{part(json.dumps(dict(good)).encode())}"
    return f"{signed}.{part(hmac.new(public, signed.encode(), hashlib.sha256).digest())}"


@contextmanager
def world() -> Iterator[World]:
    """The server with everything around it; raises ServerFailed."""
    with tempfile.TemporaryDirectory() as name:
        folder, authority = Path(name), Authority.make("demo authority")
        clients, issuer = Authority.make("demo clients"), Issuer()
        key, certificate = authority.issued("localhost")
        for file, content in (("key", key), ("cert", certificate), ("clients", clients.pem())):
            (folder / f"{file}.pem").write_bytes(content)
        issuer.write_keys(folder / "jwks.json")
        (folder / "jobs").mkdir()
        (folder / "moa-scorer.toml").write_text(_settings(folder))
        own_key, own_certificate = clients.issued("health")
        probe = grpc.ssl_channel_credentials(authority.pem(), own_key, own_certificate)
        environment = {"MOA_SCORER_CONFIG": str(folder / "moa-scorer.toml")}
        with serving(PANEL, patience=PATIENCE, environment=environment, credentials=probe) as server:
            yield World(server=server, authority=authority, clients=clients, issuer=issuer)


def _settings(folder: Path) -> str:
    return f"""
database = "sqlite:///{folder}/records.db"
jobs_dir = "jobs"
[tls]
certificate = "cert.pem"
key = "key.pem"
client_authority = "clients.pem"
[auth]
api_keys = true
certificates = [{{name = "{CLIENT}", tenant = "acme", roles = ["score"]}}]
[auth.jwt]
issuer = "{ISSUER}"
audience = "{AUDIENCE}"
jwks_file = "jwks.json"
"""


def main() -> int:
    """Tries everything; 1 when something ended otherwise than it must."""
    try:
        with world() as made:
            record = score(made, (), made.credentials())
            good = _shown("a", "Allowed", "Else refusing would prove nothing.", allowed(made, record))
            refused = _shown(
                "b", "What is forbidden", "Each ends in its own status.", forbidden(made, record)
            )
    except ServerFailed as failure:
        sys.stderr.write(f"demo-secure: {failure}\n")
        return 1
    return 0 if good and refused else 1


def _shown(letter: str, title: str, explanation: str, attempts: Iterator[Attempt]) -> bool:
    """A table of attempts; whether all ended as they must."""
    heading(letter, title, explanation)
    shown, right = table(">#", "attempt", "expected", "got", ""), True
    for number, attempt in enumerate(attempts, start=1):
        got = attempt.outcome()
        right &= got is attempt.expected
        mark = "ok" if got is attempt.expected else "WRONG"
        shown.add_row(str(number), attempt.what, attempt.expected.name, got.name, mark)
    console.print(shown)
    return right


if __name__ == "__main__":
    sys.exit(main())
