"""What a failed connection says to look at."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import pytest

from moa_scorer.client.channel import BARE, blocking_channel
from moa_scorer.client.errors import Unreachable, translated
from moa_scorer.client.hints import mended
from tests.fakes.identities import Authority
from tests.fakes.servers import knowing_no_method

OURS = Authority.make()


@contextmanager
def answering(credentials: grpc.ServerCredentials | None = None) -> Iterator[str]:
    """The address of a server that knows no method."""
    with knowing_no_method("localhost", credentials) as port:
        yield f"localhost:{port}"


def encrypted() -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials([OURS.issued("localhost")])


def asked(target: str, credentials: grpc.ChannelCredentials | None, token: str = "") -> str:
    """What the failure says."""
    channel = blocking_channel(target, credentials, token, BARE)
    with channel, pytest.raises(Unreachable) as failed, translated():
        channel.unary_unary("/any/method")(b"", timeout=20)
    return str(failed.value)


@pytest.mark.parametrize("token", ["", "moa_some_key"])
def test_plain_text_to_a_server_that_encrypts_is_told_to_name_the_authority(token: str) -> None:
    with answering(encrypted()) as target:
        assert "MOA_SCORER_AUTHORITY of a command" in asked(target, None, token)


def test_tls_to_a_server_in_plain_text_is_told_to_leave_it_out() -> None:
    with answering() as target:
        assert "the server does not encrypt there" in asked(target, grpc.ssl_channel_credentials(OURS.pem()))


def test_a_server_of_another_authority_is_said_to_be_one() -> None:
    other = grpc.ssl_channel_credentials(Authority.make().pem())
    with answering(encrypted()) as target:
        assert "was not issued by the authority" in asked(target, other)


def test_a_server_under_another_name_is_said_to_be_one() -> None:
    with answering(encrypted()) as target:
        elsewhere = target.replace("localhost", "127.0.0.1")
        assert "is for other names" in asked(elsewhere, grpc.ssl_channel_credentials(OURS.pem()))


def test_who_shows_no_certificate_where_one_is_asked_for_is_told_how() -> None:
    mutual = grpc.ssl_server_credentials([OURS.issued("localhost")], OURS.pem(), True)
    with answering(mutual) as target:
        words = asked(target, grpc.ssl_channel_credentials(OURS.pem()))
        assert "MOA_SCORER_CERTIFICATE" in words


def test_other_words_stay_as_they_are() -> None:
    assert mended("Connection refused") == "Connection refused"
