"""A short race for a quota; `make quota-race` has a longer one among more servers."""

from pathlib import Path

import pytest

from tests.chaos.quotas.run import Options, run


@pytest.mark.timeout(300)
def test_servers_that_race_for_a_quota_use_it_up_and_never_more(tmp_path: Path) -> None:
    options = Options(servers=2, items=16, in_flight=40)

    found = run(options, tmp_path)

    assert [figure for figure in found if not figure.ok] == []
