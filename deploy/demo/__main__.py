"""`make demo`: starts a server and shows, over gRPC, what the scores are and what they are worth.

SHOW=1 in the environment shows abusive texts in full.
"""

import os
import sys
import time
from pathlib import Path

from deploy.demo import handpicked, heldout, sabotage
from deploy.demo.show import console
from deploy.local_server import ServerFailed, serving
from moa_scorer.app.compose import compose
from moa_scorer.app.settings import load_settings
from moa_scorer.client import Client

PANEL = "embedded"
REMOVED = "fluency"
WITHOUT = {"MOA_SCORER_MODEL_FILES": '{"fluency.onnx": "/nonexistent"}'}
"""A server on which that judge's weights are gone."""


def main() -> int:
    """Runs the four parts in order; 1 when the server fails or a promise does not hold."""
    started = time.monotonic()
    application = compose(load_settings())
    try:
        with serving(PANEL) as server, Client(server.host, deadline=60.0) as client:
            console.print(f"A server with panel `{PANEL}` listens on {server.host}.")
            handpicked.show(client)
            heldout.show(client, application, reveal=os.environ.get("SHOW") == "1")
            with serving(PANEL, environment=WITHOUT) as lame, Client(lame.host, deadline=60.0) as other:
                sabotage.show(client, other, REMOVED)
            same = sabotage.show_repeat(client)
    except ServerFailed as failure:
        sys.stderr.write(f"demo: {failure}\n")
        return 1
    finally:
        application.close()
    where = Path("README.md")
    console.print(f"\nThat took {time.monotonic() - started:.0f} s. What all this means: {where}.")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
