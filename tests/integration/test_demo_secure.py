"""The secure demonstration holds: what is allowed works, and what is forbidden is refused as it must be."""

import pytest

from deploy.demo import secure


@pytest.mark.timeout(300)
def test_every_forbidden_action_is_refused_with_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert secure.main() == 0
    shown = capsys.readouterr().out
    assert shown.count(" ok") >= 4 + 15
    assert "WRONG" not in shown
