"""A restart under load, in short: no call of a client with the shipped service config fails."""

import asyncio
from pathlib import Path

from tests.rolling.replicas import running
from tests.rolling.run import killed, restarted, under_load

RATE = 10.0
PAUSE = 1.0


def test_a_replica_is_restarted_and_no_call_fails(tmp_path: Path) -> None:
    with running(tmp_path, replicas=2) as replicas:
        target = "ipv4:" + ",".join(replica.address for replica in replicas)
        load = asyncio.run(under_load(target, RATE, lambda: restarted(replicas[:1], 1, PAUSE), PAUSE))
    assert load.shipped.answered > 0
    assert not load.shipped.failed


def test_a_worker_that_is_killed_under_load_is_replaced_and_no_call_fails(tmp_path: Path) -> None:
    with running(tmp_path, replicas=1, workers=2) as (replica,):
        load = asyncio.run(under_load(replica.address, RATE, lambda: killed(replica, 1, PAUSE), PAUSE))
    assert load.shipped.answered > 0
    assert not load.shipped.failed
