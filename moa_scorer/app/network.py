"""Everything behind HTTP: one session, what is shared of each endpoint, and the judges that ask them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from moa_scorer.app.files.catalogue import CatalogFiles
from moa_scorer.app.files.judges import JudgeFile
from moa_scorer.domain.budget import Clock
from moa_scorer.domain.families import family_of
from moa_scorer.judges.llm import LlmJudge
from moa_scorer.judges.personal import PatternFinder, PersonalKind
from moa_scorer.judges.redacted import RedactedJudge
from moa_scorer.providers.endpoint import Endpoint
from moa_scorer.providers.failures import Failed
from moa_scorer.providers.http import Http
from moa_scorer.providers.http_model import HttpModel
from moa_scorer.providers.prices import PriceEntry, PriceTable
from moa_scorer.providers.secrets import read_secret
from moa_scorer.providers.spec import EndpointSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What one worker asks over the network. Nothing is opened before the first call."""

    http: Http
    endpoints: Mapping[str, Endpoint]
    """By name; shared by every judge that asks them."""
    models: Mapping[str, HttpModel]
    """Judge -> the model that it asks."""
    judges: Mapping[str, LlmJudge | RedactedJudge]
    """By name."""
    prices: PriceTable

    def keyless(self) -> dict[str, str]:
        """Judge -> why its endpoint's key cannot be had now, and so it must abstain."""
        missing = {name: key_problem(endpoint.spec) for name, endpoint in self.endpoints.items()}
        asked = {name: judge.profile.endpoint for name, judge in self.judges.items()}
        return {name: missing[endpoint] for name, endpoint in asked.items() if missing[endpoint]}

    async def aclose(self) -> None:
        """Closes every connection."""
        await self.http.aclose()


def build_network(
    files: CatalogFiles, workers: int, clock: Clock, previous: Network | None = None
) -> Network:
    """The judges that the files describe; rates of an endpoint are divided by the number of workers.

    Over a `previous` one connections are shared, and an endpoint whose file says the same as before goes on
    with its limits, latencies and circuit; calls to one that is gone or changed end as they began.
    """
    http = previous.http if previous else Http()
    known = previous.endpoints if previous else {}
    endpoints = {
        name: known[name]
        if name in known and known[name].spec == spec
        else Endpoint(spec, http, workers, clock)
        for name, spec in files.endpoints.items()
    }
    models = {file.name: _model(file, endpoints, files.prices) for file in files.judges}
    judges = {file.name: _judge(file, models[file.name], files) for file in files.judges}
    return Network(http=http, endpoints=endpoints, models=models, judges=judges, prices=files.prices)


def _judge(file: JudgeFile, model: HttpModel, files: CatalogFiles) -> LlmJudge | RedactedJudge:
    """The judge; behind the redaction that its endpoint wants, or that of any of its stand-ins."""
    judge = LlmJudge(file.spec(model, files.prompts, family_of(file.model)))
    asked = (file.endpoint, *(each.endpoint for each in file.stand_ins))
    kinds = {PersonalKind(kind) for name in asked for kind in files.endpoints[name].redact}
    return RedactedJudge(judge, PatternFinder(sorted(kinds))) if kinds else judge


def _model(file: JudgeFile, endpoints: Mapping[str, Endpoint], prices: PriceTable) -> HttpModel:
    stand_ins = [_of(endpoints[each.endpoint], each.model, prices) for each in file.stand_ins]
    return _of(endpoints[file.endpoint], file.model, prices, stand_ins)


def _of(endpoint: Endpoint, model: str, prices: PriceTable, stand_ins: Sequence[HttpModel] = ()) -> HttpModel:
    entry = price_of(endpoint.spec, model, prices)
    return HttpModel(endpoint, model, entry.price if entry else None, stand_ins)


def price_of(spec: EndpointSpec, model: str, prices: PriceTable) -> PriceEntry | None:
    """The entry that holds for a model of an endpoint; None = no price is known."""
    return prices.find(model, urlsplit(spec.base_url).hostname or "")


def key_problem(spec: EndpointSpec) -> str:
    """Why the endpoint's key cannot be had now, without the key; empty = it can, or none is needed."""
    secret = read_secret(spec.key) if spec.key else ""
    return secret.failure.detail if isinstance(secret, Failed) else ""
