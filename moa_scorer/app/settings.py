"""Everything that can be set. Command line > environment MOA_SCORER_* > file (TOML) > defaults."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from moa_scorer.app.cores import cores
from moa_scorer.app.loopback import is_own_host
from moa_scorer.app.mistakes import did_you_mean, mistakes_of
from moa_scorer.app.settings_load import Connections, Load
from moa_scorer.app.settings_quotas import QuotasOf
from moa_scorer.app.settings_security import Auth, Tls
from moa_scorer.app.settings_telemetry import Otel
from moa_scorer.contract.limits import MOST_FIELDS
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.quota import WhenDown

PREFIX: Final = "MOA_SCORER_"
FILE_NAME: Final = "moa-scorer.toml"
CONFIG_VARIABLE: Final = "MOA_SCORER_CONFIG"
"""Names the file, as `--config` does."""

_PATHS: Final = ("catalog_dir", "models_dir", "jobs_dir")
_NESTED_PATHS: Final = (
    ("tls", "certificate"),
    ("tls", "key"),
    ("tls", "client_authority"),
    ("auth", "jwt", "jwks_file"),
)
_FOREIGN: Final = re.compile(
    r"MOA_SCORER_(SERVICE_|PORT$|PORT_|SERVER$|TOKEN$|AUTHORITY$|CERTIFICATE$|CERTIFICATE_KEY$)"
)
"""What Kubernetes sets for a service called moa-scorer, and the clients' own variables."""

_DATABASE: Final = re.compile(r"sqlite://(/.+)?$|postgresql://.")
_ADDRESS: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})")


def _address(value: str) -> str:
    match = _ADDRESS.fullmatch(value)
    if match is None or int(match["port"]) > 65535:
        raise ValueError("should be host:port, such as 127.0.0.1:50051 or [::1]:0")
    return value


def is_loopback(address: str) -> bool:
    """Whether a host:port can be reached from this machine only."""
    return is_own_host(address.rpartition(":")[0].strip("[]"))


def _database(value: str) -> str:
    if value not in ("", "off") and not _DATABASE.match(value):
        raise ValueError("should be sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME or off")
    return value


Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class Limits(BaseModel):
    """Beyond these a request is INVALID_ARGUMENT."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text_bytes: int = Field(
        default=64 * 1024, ge=1, le=8 * 1024 * 1024, description="UTF-8 bytes of one text"
    )
    batch_items: int = Field(default=100, ge=1, le=MOST_FIELDS, description="items in one batch")
    batch_bytes: int = Field(
        default=4 * 1024 * 1024,
        ge=1,
        le=15 * 1024 * 1024,
        description="bytes of one encoded batch",
    )


class Settings(BaseSettings):
    """The whole of what an operator may choose; every key has a default."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=False
    )

    address: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1:50051", description="host:port to serve on; port 0 takes a free one"
    )
    workers: int = Field(default=1, ge=1, le=256, description="server processes that share the port")
    panel: str = Field(default="embedded", min_length=1, description="panel taken when a request names none")
    rubrics: dict[str, str] = Field(
        default_factory=dict, description="kind of content -> rubric, over what the panels say"
    )
    floor_policy: str = Field(
        default="", description="policy that no request can loosen: the stricter of both decides; empty: none"
    )
    shadow_policies: tuple[str, ...] = Field(
        default=(), description="policies that decide on every item beside the one in force, unheeded"
    )
    shadow_snapshots: tuple[str, ...] = Field(
        default=(), description="snapshots that score the same ballots beside the serving one, unheeded"
    )
    shadow_panels: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict, description="panel -> share of the items that it is asked about too, unheeded"
    )
    shadow_budget: Seconds = Field(default=30.0, description="seconds that a panel in the shadow has")
    shadow_at_once: int = Field(
        default=4, ge=1, le=1000, description="items at once for panels in the shadow; more are left out"
    )
    catalog_dir: Path | None = Field(
        default=None,
        description="directory with endpoints/, judges/, panels/ … over the packaged ones",
    )
    models_dir: Path | None = Field(
        default=None, description="where model files are kept; default: the user's cache directory"
    )
    model_files: dict[str, Path] = Field(
        default_factory=dict, description="model file's name -> a path that is used instead"
    )
    judge_modules: tuple[str, ...] = Field(
        default=(),
        description="package.module:function of your own Python code that gives further judges",
    )
    log_format: Literal["json", "console", "auto"] = Field(
        default="auto", description="auto: console on a terminal, else json"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    local_threads: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="threads for local judges in a worker; default: cores / workers",
    )
    local_queue: int = Field(
        default=256, ge=1, le=1_000_000, description="local jobs that may wait before judges abstain"
    )
    drain_grace: Seconds = Field(default=10.0, description="seconds that calls in flight may take at the end")
    default_budget: Seconds = Field(
        default=30.0, description="seconds, for a call without deadline and budget"
    )
    max_latency_budget: Seconds = Field(default=600.0, description="seconds; a longer budget is refused")
    reload_seconds: float = Field(
        default=5.0,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="seconds between two looks at the catalogue's files; 0: only on SIGHUP",
    )
    database: Annotated[str, AfterValidator(_database)] = Field(
        default="",
        repr=False,
        description="sqlite:///FILE or postgresql://…, where records are kept; off: nowhere; "
        "default: a file in the user's data directory",
    )
    retention_days: float = Field(
        default=30.0, ge=0, allow_inf_nan=False, description="days that records are kept; 0: for good"
    )
    sentry: bool = Field(
        default=True, description="whether answers are watched for drift of judges and of sources"
    )
    audit_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=0.02, description="share of records drawn at random for people to rate; 0 = none"
    )
    cache: bool = Field(
        default=True,
        description="whether whole answers are remembered and given again; one in which any judge abstained, "
        "as relevance does of a text without title and context, is not",
    )
    cache_items: int = Field(
        default=10_000, ge=1, le=10_000_000, description="answers that a process remembers at most"
    )
    cache_seconds: Annotated[float, Field(gt=0, le=30 * 86_400, allow_inf_nan=False)] = Field(
        default=3_600.0, description="seconds that an answer is remembered"
    )
    redis_url: str | None = Field(
        default=None,
        repr=False,
        pattern="^(rediss?|unix)://",
        description="redis://HOST:PORT/0, where all processes remember answers and count quotas together",
    )
    quota_redis_url: str | None = Field(
        default=None,
        repr=False,
        pattern="^(rediss?|unix)://",
        description="another one for the quotas, which forgets nothing; default: redis_url",
    )
    quotas: dict[str, QuotasOf] = Field(
        default_factory=dict,
        description="tenant, or * for any other -> what it may use: meter, amount, per",
    )
    quota_when_down: WhenDown = Field(
        default=WhenDown.CLOSED_FOR_MONEY,
        description="what tenants with quotas are served while Redis is away. closed: nothing; "
        "closed_for_money: what takes no tokens and no money, uncounted; open: everything, uncounted",
    )
    jobs: bool = Field(default=True, description="whether server processes work on jobs")
    jobs_dir: Path | None = Field(
        default=None,
        description="folder of the files that backfills read and write over the API; where callers are asked "
        "who they are, each tenant has the folder of its name in it",
    )
    reflection: bool = Field(default=True, description="whether the API describes itself to tools")
    metrics_address: Annotated[str, AfterValidator(_address)] | Literal[""] = Field(
        default="", description="host:port of /metrics, /livez and /readyz over HTTP; empty: none"
    )
    admin_address: Annotated[str, AfterValidator(_address)] | Literal[""] = Field(
        default="", description="host:port of AdminService, for operators; empty: none"
    )
    limits: Limits = Field(default_factory=Limits)
    load: Load = Field(default_factory=Load)
    connections: Connections = Field(default_factory=Connections)
    otel: Otel = Field(default_factory=Otel)
    tls: Tls = Field(default_factory=Tls)
    auth: Auth = Field(default_factory=Auth)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the name is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The constructor takes what it is given; `load_settings` reads the sources one by one,
        so that a mistake can be said with the source that it is in."""
        return (init_settings,)

    def threads(self) -> int:
        """Threads that one worker's local judges may keep busy: as set, else its share of the cores."""
        return self.local_threads or max(1, cores() // self.workers)

    @property
    def ledger_url(self) -> str | None:
        """The Redis that counts quotas; None = each process counts for itself."""
        return self.quota_redis_url or self.redis_url


def load_settings(config: Path | None = None, overrides: Mapping[str, object] | None = None) -> Settings:
    """Reads every source; `overrides` come from the command line, None in them means "not said".

    Without `config` the file is what MOA_SCORER_CONFIG names, else ./moa-scorer.toml if there is one.
    Raises ConfigurationError with every mistake of every source.
    """
    mistakes: list[str] = []
    path = config_path(config)
    layers = [_from_file(path, mistakes) if path else {}, _from_environment(mistakes)]
    said = {k: v for k, v in (overrides or {}).items() if v is not None}
    mistakes += _checked(said, lambda at: f"command line: --{at.replace('_', '-')}")
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return Settings(**_merged(*layers, said))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where settings came from, so that they can be read again."""

    config: Path | None = None
    """As `load_settings` takes it."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """What the command line says."""

    def read(self) -> Settings:
        """The settings as they are said now; raises ConfigurationError."""
        return load_settings(self.config, self.overrides)

    def file(self) -> Path | None:
        """The settings file in force, or None."""
        return config_path(self.config)


def config_path(config: Path | None = None) -> Path | None:
    """The settings file in force, or None."""
    if config is not None:
        return config
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named)
    return Path(FILE_NAME) if Path(FILE_NAME).is_file() else None


def _from_file(path: Path, mistakes: list[str]) -> dict[str, Any]:
    try:
        layer = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(f"{path}: cannot be read: {_reason(error)}")
        return {}
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{path}: not TOML: {error}")
        return {}
    found = _checked(layer, lambda at: f"{path}: {at}")
    mistakes += found
    return layer if found else _anchored(layer, path.parent)


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _anchored(layer: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Relative paths in a file are relative to the file."""
    for place in _NESTED_PATHS:
        _anchor(layer, place, folder)
    paths = {key: str(folder / layer[key]) for key in _PATHS if key in layer}
    files = {name: str(folder / path) for name, path in layer.get("model_files", {}).items()}
    return layer | paths | ({"model_files": files} if files else {})


def _anchor(part: Any, place: tuple[str, ...], folder: Path) -> None:
    first, *rest = place
    if isinstance(part, dict) and first in part:
        if rest:
            _anchor(part[first], tuple(rest), folder)
        else:
            part[first] = str(folder / part[first])


def _from_environment(mistakes: list[str]) -> dict[str, Any]:
    try:
        layer = EnvSettingsSource(Settings)()
    except SettingsError as error:
        named = str(error).split('"')[1:2]
        mistakes.append(f"environment: {PREFIX}{''.join(named).upper()}: should be a JSON object")
        return {}
    mistakes += _checked(layer, lambda at: f"environment: {PREFIX}{at.replace('.', '__').upper()}")
    mistakes += _unknown_variables()
    return layer


def _unknown_variables() -> list[str]:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    named = [name for name in sorted(os.environ) if name.upper().startswith(PREFIX)]
    return [
        f"environment: {name}: unknown variable{did_you_mean(name, known)}"
        for name in named
        if name.upper().split("__")[0] not in known and not _FOREIGN.match(name.upper())
    ]


def _checked(layer: Mapping[str, Any], where: Any) -> list[str]:
    try:
        Settings(**layer)
    except ValidationError as error:
        return mistakes_of(error, Settings, where)
    return []


def _merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Later layers win; mappings are merged key by key."""
    whole: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            old = whole.get(key)
            if isinstance(old, Mapping) and isinstance(value, Mapping):
                whole[key] = _merged(old, value)
            else:
                whole[key] = value
    return whole
