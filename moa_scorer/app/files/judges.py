"""judges/*.yaml: language models as judges: which model, asked how, and what its number is read off."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from moa_scorer.app.files.parts import Identifier, Line, Mistake, Name, Number, Part, checked, known
from moa_scorer.domain.families import same_family
from moa_scorer.judges.llm_spec import Asks, LlmSpec, Reading
from moa_scorer.judges.prompt import Template, TemplateFault
from moa_scorer.providers.model import Model
from moa_scorer.providers.spec import EndpointSpec

PROMPTS: Final[Mapping[Asks, str]] = {Asks.WHOLE: "whole-1", Asks.PER_CRITERION: "criterion-1"}
"""Template taken when a file names none."""
PEERS: Final = "layer-1"
CRITIQUE: Final = "critique-1"


def _endpoint(name: str, info: ValidationInfo) -> str:
    return checked(name, known(info).endpoints, "unknown endpoint")


Endpoint = Annotated[Identifier, AfterValidator(_endpoint)]
ModelId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Count = Annotated[int, Field(strict=True, ge=1, le=100_000)]


class StandInModel(Part):
    """What answers while the judge's own endpoint is down."""

    endpoint: Endpoint
    model: ModelId


class JudgeFile(Part):
    """judges/*.yaml"""

    name: Identifier
    title: Line
    endpoint: Endpoint
    model: ModelId
    family: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    """Empty = as the model's id says."""
    languages: tuple[Language, ...] = ()
    template: Name = ""
    peers_template: Name = PEERS
    critique_template: Name = CRITIQUE
    asks: Asks = Asks.WHOLE
    reading: Reading = Reading.SINGLE
    samples: Annotated[int, Field(strict=True, ge=2, le=32)] = 3
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    """None = 0.7 for samples, else 0."""
    max_tokens: Count = 900
    critique: bool = True
    tamper_mask: Annotated[Number, Field(gt=0, le=1)] = 0.9
    stand_ins: tuple[StandInModel, ...] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        said = self.model_fields_set
        if "samples" in said and self.reading is not Reading.SAMPLES:
            raise ValueError("samples are for reading: samples")
        if "critique" in said and self.asks is not Asks.PER_CRITERION:
            raise ValueError("critique is for asks: per_criterion; the whole always holds one")
        if self.reading is Reading.SAMPLES and self.temperature == 0:
            raise ValueError("samples of a temperature of 0 would all be the same")
        return self

    @property
    def revision(self) -> str:
        """Judges have no versions: the digest of what they are is their revision."""
        return self.name

    @property
    def heat(self) -> float:
        """The temperature in force."""
        if self.temperature is not None:
            return float(self.temperature)
        return 0.7 if self.reading is Reading.SAMPLES else 0.0

    def templates(self) -> dict[str, str]:
        """Key -> name of each template."""
        return {
            "template": self.template or PROMPTS[self.asks],
            "peers_template": self.peers_template,
            "critique_template": self.critique_template,
        }

    def misfits(self, endpoints: Mapping[str, EndpointSpec], prompts: Path | None) -> Iterator[Mistake]:
        """What is wrong although every part of the file is right by itself."""
        for key, name in self.templates().items():
            try:
                Template.load(name, prompts)
            except TemplateFault as fault:
                yield key, str(fault)
        if own := endpoints.get(self.endpoint):
            yield from self._against(own, endpoints)

    def _against(self, own: EndpointSpec, endpoints: Mapping[str, EndpointSpec]) -> Iterator[Mistake]:
        if self.reading is Reading.LOGPROBS and not own.capabilities.top_logprobs:
            yield "reading", f"the endpoint '{own.name}' gives no log-probabilities; take samples or single"
        if own.local and self.model.endswith("cloud"):
            yield "model", _cloudy(self.model, own)
        for number, stand_in in enumerate(self.stand_ins):
            other = endpoints.get(stand_in.endpoint)
            if stand_in.endpoint == self.endpoint:
                yield f"stand_ins[{number}].endpoint", "is the judge's own, and is down when it is down"
            elif not same_family(stand_in.model, self.family or self.model):
                yield f"stand_ins[{number}].model", "is of another family than the judge's own model"
            elif own.local and other is not None and not other.local:
                words = "is a vendor's and cannot stand in for one of your own: content would leave"
                yield f"stand_ins[{number}].endpoint", words
            elif other is not None and other.local and stand_in.model.endswith("cloud"):
                yield f"stand_ins[{number}].model", _cloudy(stand_in.model, other)

    def spec(self, model: Model, prompts: Path | None, family: str) -> LlmSpec:
        """What the judge takes; raises TemplateFault. `prompts` holds templates over the packaged ones."""
        loaded = {key: Template.load(name, prompts) for key, name in self.templates().items()}
        return LlmSpec(
            name=self.name,
            title=self.title,
            family=self.family or family,
            languages=self.languages,
            model=model,
            template=loaded["template"],
            peers_template=loaded["peers_template"],
            critique=self.critique,
            critique_template=loaded["critique_template"],
            asks=self.asks,
            reading=self.reading,
            samples=self.samples,
            temperature=self.heat,
            max_tokens=self.max_tokens,
            tamper_mask=float(self.tamper_mask),
        )


def _cloudy(model: str, endpoint: EndpointSpec) -> str:
    """Ollama passes models of such names on to its maker's servers."""
    return f"'{model}' runs in a vendor's cloud, and '{endpoint.name}' counts as local"
