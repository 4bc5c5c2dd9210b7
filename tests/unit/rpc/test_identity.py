"""Whose call it is, as metadata and connection say."""

from typing import Any

import pytest

from moa_scorer.rpc.identity import credentials_of


class Call:
    """What a servicer's context tells."""

    def __init__(self, metadata: Any = (), verified: Any = None) -> None:
        self._metadata = metadata
        self._verified = verified or {}

    def invocation_metadata(self) -> Any:
        return self._metadata

    def auth_context(self) -> Any:
        return self._verified


@pytest.mark.parametrize(
    ("verified", "names"),
    [
        ({"x509_subject_alternative_name": [b"a", b"b"], "x509_common_name": [b"root"]}, ("a", "b")),
        ({"x509_common_name": [b"only"]}, ("only",)),
        ({"x509_subject_alternative_name": [], "x509_common_name": [b"only"]}, ("only",)),
        ({"transport_security_type": [b"ssl"]}, ()),
    ],
)
def test_a_common_name_counts_where_a_certificate_has_no_other(verified: Any, names: tuple[str, ...]) -> None:
    assert credentials_of(Call(verified=verified)).certificate_names == names  # type: ignore[arg-type]


def test_a_bearer_is_a_token_or_a_key() -> None:
    token = credentials_of(Call([("authorization", "Bearer abc.def.ghi")]))  # type: ignore[arg-type]
    key = credentials_of(Call([("authorization", "bearer moa_k1_secret"), ("x", b"bytes")]))  # type: ignore[arg-type]

    assert (token.token, token.api_key) == ("abc.def.ghi", "")
    assert (key.token, key.api_key) == ("", "moa_k1_secret")
