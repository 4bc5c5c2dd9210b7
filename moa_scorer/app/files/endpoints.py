"""endpoints/*.yaml: where models are served, what the server can, and how hard it may be asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from moa_scorer.app.files.endpoint_kinds import PRESETS, Kind, Preset
from moa_scorer.app.files.parts import Identifier, Line, Mistake, Number, Part
from moa_scorer.app.loopback import is_own_host
from moa_scorer.judges.personal import USUAL, PersonalKind
from moa_scorer.providers.spec import Capabilities, EndpointSpec, SecretRef, Traffic, Wire

_WHERE: Final = "say where it stands: {env: VARIABLE} or {file: PATH}"
_HEADER: Final = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"
_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
_VALUE: Final = r"^[ -~]{1,500}$"
_SECRETIVE: Final = re.compile(r"auth|key|token|secret|cookie|password|signature", re.IGNORECASE)
"""What names of headers and parameters that carry secrets hold."""


def _variable(value: str) -> str:
    """The name of an environment variable; what is none may be a secret and is not repeated."""
    if not _VARIABLE.fullmatch(value):
        raise ValueError("should be the name of an environment variable, in capitals, such as MY_VLLM_KEY")
    return value


def _url(value: str) -> str:
    """An address without secrets in it, and without a slash at its end."""
    if value and (problem := url_problem(value)):
        raise ValueError(problem)
    return value.rstrip("/")


def url_problem(value: str) -> str:
    """What is wrong with an address, without repeating it; empty = nothing."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        return "should be an address such as https://models.example.com/v1"
    if not host.isascii() or any(not 1 <= len(label) <= 63 for label in host.rstrip(".").split(".")):
        return "should name its host as DNS does: in ASCII, between dots 1 to 63 characters"
    if parts.username is not None or parts.password is not None:
        return "should hold no name and password: they would be kept with the file"
    if parts.query or parts.fragment:
        return "should end with the path; parameters belong to `query`"
    return ""


Url = Annotated[str, AfterValidator(_url), Field(repr=False)]


class KeyModel(Part):
    """Where a key stands. The key itself is never written here."""

    env: Annotated[str, AfterValidator(_variable), Field(repr=False)] = ""
    file: Annotated[Path | None, Field(repr=False)] = None

    @model_validator(mode="before")
    @classmethod
    def _no_key(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"a key does not belong in a file that is shared and kept; {_WHERE}")
        return value

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.env) == (self.file is not None):
            raise ValueError(_WHERE)
        return self

    def value(self, folder: Path) -> SecretRef:
        """The reference; a relative path is relative to the file's folder."""
        return SecretRef(env=self.env, file=None if self.file is None else folder / self.file)


class CapabilitiesModel(Part):
    """What the server can; what is not said is as the kind has it."""

    json_schema: bool | None = None
    json_mode: bool | None = None
    top_logprobs: Annotated[int, Field(strict=True, ge=0, le=1000)] | None = None
    samples: Annotated[int, Field(strict=True, ge=1, le=128)] | None = None
    seed: bool | None = None
    temperature: bool | None = None
    max_completion_tokens: bool | None = None
    cache_control: bool | None = None

    def over(self, preset: Capabilities) -> Capabilities:
        """The preset with what is said here in it."""
        return replace(preset, **self.model_dump(exclude_unset=True, exclude_none=True))


Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
Share = Annotated[Number, Field(ge=0, le=1)]
Seconds = Annotated[Number, Field(gt=0, le=3600)]


class TrafficModel(Part):
    """How hard the server may be asked; what is not said is as the kind has it."""

    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    concurrency: Count | None = None
    queue: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] | None = None
    attempts: Annotated[int, Field(strict=True, ge=1, le=10)] | None = None
    retry_share: Share | None = None
    hedge: bool | None = None
    hedge_share: Share | None = None
    timeout: Seconds | None = None
    connect_timeout: Seconds | None = None
    breaker_failures: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] | None = None
    breaker_pause: Seconds | None = None

    def over(self, preset: Traffic) -> Traffic:
        """The preset with what is said here in it."""
        return replace(preset, **self.model_dump(exclude_unset=True, exclude_none=True))


def _plain(named: dict[str, str]) -> dict[str, str]:
    for name in named:
        if _SECRETIVE.search(name):
            raise ValueError(
                f"'{name}' looks like a secret's; secrets belong to `key`, see also `key_header`"
            )
    return named


class EndpointFile(Part):
    """endpoints/*.yaml"""

    name: Identifier
    kind: Kind
    base_url: Url = ""
    base_url_env: Annotated[str, AfterValidator(_variable), Field(repr=False)] = ""
    """Variable whose value, when set, takes the place of `base_url`."""
    wire: Wire | None = None
    key: Annotated[KeyModel | None, Field(repr=False)] = None
    key_header: Annotated[str | None, Field(pattern=_HEADER, repr=False)] = None
    local: bool | None = None
    """Whether it is the operator's own; None = when it is of such a kind and on this machine."""
    capabilities: CapabilitiesModel = CapabilitiesModel()
    traffic: TrafficModel = TrafficModel()
    headers: Annotated[
        dict[Annotated[str, Field(pattern=_HEADER)], Annotated[str, Field(pattern=_VALUE)]],
        AfterValidator(_plain),
        Field(repr=False, default_factory=dict),
    ]
    query: Annotated[dict[Line, Line], AfterValidator(_plain), Field(repr=False, default_factory=dict)]
    proxy: Url = ""
    ca_file: Path | None = None
    seconds: Seconds | None = None
    redact: bool | tuple[PersonalKind, ...] = False
    """Kinds of personal data that are replaced before its models see a content; true = the usual ones."""

    @property
    def revision(self) -> str:
        """Endpoints have no versions."""
        return self.name

    @property
    def _preset(self) -> Preset:
        return PRESETS[self.kind]

    def address(self, environ: Mapping[str, str]) -> str:
        """The base URL in force; empty when nothing says it."""
        named = environ.get(self.base_url_env, "") if self.base_url_env else ""
        return named.rstrip("/") or self.base_url or self._preset.base_url

    def misfits(self, folder: Path, environ: Mapping[str, str]) -> Iterator[Mistake]:
        """What is wrong although every part of the file is right by itself."""
        address = self.address(environ)
        if not address:
            yield "base_url", f"is required for the kind '{self.kind}'"
        elif problem := url_problem(address):
            yield "base_url_env", f"the variable {self.base_url_env} {problem}"
        yield from self._unredactable(address)
        if self.ca_file is not None and not (folder / self.ca_file).is_file():
            yield "ca_file", f"there is no file {folder / self.ca_file}"

    def spec(self, folder: Path, environ: Mapping[str, str]) -> EndpointSpec:
        """What the providers take; relative paths are relative to the file's folder."""
        preset, address = self._preset, self.address(environ)
        return EndpointSpec(
            name=self.name,
            wire=self.wire or preset.wire,
            base_url=address,
            key=self._key(folder),
            local=self._is_local(address),
            capabilities=self.capabilities.over(preset.capabilities),
            traffic=self.traffic.over(preset.traffic),
            headers=tuple(self.headers.items()),
            query=tuple(self.query.items()),
            key_header=preset.key_header if self.key_header is None else self.key_header,
            proxy=self.proxy,
            ca_file=None if self.ca_file is None else folder / self.ca_file,
            seconds=preset.seconds if self.seconds is None else float(self.seconds),
            redact=self._redacted(),
        )

    def _redacted(self) -> tuple[PersonalKind, ...]:
        if isinstance(self.redact, bool):
            return USUAL if self.redact else ()
        return self.redact

    def _unredactable(self, address: str) -> Iterator[Mistake]:
        if self._redacted() and self._is_local(address):
            yield "redact", "is for vendors: this endpoint counts as your own, and content does not leave"
        elif self._redacted() and find_spec("datafog") is None:
            yield "redact", "needs a library that is not installed: pip install 'moa-scorer[redaction]'"

    def _is_local(self, address: str) -> bool:
        return self._preset.own and is_own_url(address) if self.local is None else self.local

    def _key(self, folder: Path) -> SecretRef | None:
        """The file's own reference, else the variable that the vendor's tools look at; `key: null` = none."""
        if "key" in self.model_fields_set:
            return self.key.value(folder) if self.key else None
        return SecretRef(env=self._preset.key_env) if self._preset.key_env else None


def is_own_url(url: str) -> bool:
    """Whether the URL leads to this machine itself."""
    host = urlsplit(url).hostname or ""
    return is_own_host(host) or host.endswith(".localhost")
