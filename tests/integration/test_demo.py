"""What the demo promises of a server holds: the same text judged anew gives the same bytes."""

from deploy.demo.sabotage import show_repeat
from deploy.local_server import serving
from moa_scorer.client import Client


def test_the_same_text_judged_anew_gives_the_same_bytes() -> None:
    with serving("embedded-fast") as server, Client(server.host, deadline=60.0) as client:
        assert show_repeat(client)
