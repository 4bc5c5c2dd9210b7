"""A short soak against a real server: no task and no file is left behind, and every call ends as it may."""

import pytest

from tests.chaos.soak.figures import figures
from tests.chaos.soak.process import Holding
from tests.chaos.soak.run import Options, run


@pytest.mark.timeout(300)
def test_a_server_holds_no_more_tasks_and_files_after_thousands_of_requests() -> None:
    found = run(Options(requests=3_000, warm=1_000, step=2_000, memory=False))

    assert [figure for figure in found if not figure.ok] == []


def _held(kilobytes: int = 1_000, files: int = 10, tasks: tuple[str, ...] = ("serve",)) -> Holding:
    return Holding(requests=1, kilobytes=kilobytes, files=files, tasks=tasks)


def _missed(last: Holding, ended: dict[tuple[str, str], int], unlike: int = 0) -> list[str]:
    found = figures([_held(), last], ended, unlike)
    return [figure.name for figure in found if not figure.ok]


def test_whatever_grows_is_told() -> None:
    fine = {("fresh", "OK"): 9, ("invalid", "INVALID_ARGUMENT"): 1}

    assert _missed(_held(kilobytes=1_049), fine) == []
    assert len(_missed(_held(kilobytes=1_051), fine)) == 1
    assert len(_missed(_held(files=11), fine)) == 1
    assert len(_missed(_held(tasks=("serve", "forgotten")), fine)) == 1
    assert len(_missed(_held(), {("fresh", "UNAVAILABLE"): 1})) == 1
    assert len(_missed(_held(), fine, unlike=1)) == 1
