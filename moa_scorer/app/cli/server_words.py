"""A server's refusal, with what somebody at a command line can do about it."""

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from moa_scorer.client import ScorerError

WRONG_PORT: Final = (
    "there is no such method there: commands of `admin` ask the server's `admin_address`, all others its "
    "`address`; or the server is of an older version"
)
NO_TOKEN: Final = "put your API key or token into the environment variable MOA_SCORER_TOKEN"
OTHER_TOKEN: Final = "the one in the environment variable MOA_SCORER_TOKEN is not, or no longer, valid"


def refusal(error: "ScorerError") -> str:
    """What the server said, in the words of a command line."""
    import grpc

    from moa_scorer.app.servers import TOKEN

    if error.code is grpc.StatusCode.UNAUTHENTICATED:
        return f"{error}; {OTHER_TOKEN if os.environ.get(TOKEN) else NO_TOKEN}"
    if error.code is grpc.StatusCode.UNIMPLEMENTED and not error.reason:
        return WRONG_PORT
    return str(error)
