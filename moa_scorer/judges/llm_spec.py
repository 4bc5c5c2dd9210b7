"""What there is to say about a judge that is a language model."""

from dataclasses import dataclass, field
from enum import StrEnum

from moa_scorer.domain.judge import JudgeProfile
from moa_scorer.domain.ruler import digest
from moa_scorer.judges.prompt import Template
from moa_scorer.providers.model import Model

VERSION = 1
"""Of what surrounds the prompts, reads and checks: raised when the same templates may give other numbers."""


class Asks(StrEnum):
    """What one call asks for."""

    WHOLE = "whole"
    """Every criterion, evidence and a critique, in one JSON object."""
    PER_CRITERION = "per_criterion"
    """One criterion, answered with one word; for small local models behind a prefix cache."""


class Reading(StrEnum):
    """How a number is read off the model."""

    LOGPROBS = "logprobs"
    """The expected score over log-probabilities; a single score where the reply has none."""
    SAMPLES = "samples"
    """The mean of several samples."""
    SINGLE = "single"
    """The one number written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmSpec:
    """Everything there is to a judge but its code."""

    name: str
    """In the catalogue."""
    title: str
    """One line for catalogues."""
    family: str
    """Model family such as `claude` or `qwen`."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes that it judges; empty = any."""
    model: Model
    template: Template
    """Its prompt in the first layer: `whole-…` or `criterion-…`, as `asks` says."""
    peers_template: Template
    """Its prompt where it is given ballots of earlier layers; always asks for the whole."""
    asks: Asks = Asks.WHOLE
    reading: Reading = Reading.SINGLE
    samples: int = 3
    """Replies to average, >= 1; SAMPLES only."""
    temperature: float = 0.0
    """>= 0; samples of a temperature of 0 would all be the same."""
    max_tokens: int = 900
    """Of one reply that holds JSON, >= 1."""
    critique: bool = True
    """Whether one more call asks for evidence and a critique; PER_CRITERION only."""
    critique_template: Template = field(default_factory=lambda: Template.load("critique-1"))
    """The prompt of that call."""
    tamper_mask: float = 0.9
    """Tamper risk of a reply from which the judge is masked, in (0, 1]."""
    text_limit: int = 4000
    """Code points of the text that it is shown at most, as windows; >= 2."""
    context_limit: int = 8000
    """Code points of the context, likewise."""

    @property
    def wanted(self) -> int:
        """Samples that one prompt asks for."""
        return self.samples if self.reading is Reading.SAMPLES else 1

    @property
    def alternatives(self) -> int:
        """Log-probabilities that one prompt asks for at every token."""
        return self.model.card.top_logprobs if self.reading is Reading.LOGPROBS else 0

    def profile(self) -> JudgeProfile:
        """What a panel knows of the judge.

        Stand-ins may change an uncalibrated number, so they are in the revision; a calibrated one never rests
        on them, so a calibration holds whoever stands in.
        """
        card = self.model.card
        own = self._revision()
        return JudgeProfile(
            name=self.name,
            title=self.title,
            revision=digest([own, card.stand_ins]) if card.stand_ins else own,
            equivalent=own if card.stand_ins else "",
            criteria=(),
            languages=self.languages,
            local=card.local,
            family=self.family,
            endpoint=card.endpoint,
            model=card.model,
        )

    def _revision(self) -> str:
        prompts = [self.template.digest, self.peers_template.digest]
        if self.asks is Asks.PER_CRITERION:
            prompts.append(self.critique_template.digest if self.critique else "")
        sampling = [self.reading, self.wanted, self.temperature, self.max_tokens]
        limits = [self.text_limit, self.context_limit, self.tamper_mask]
        return digest([VERSION, self.model.card.digest, self.asks, prompts, sampling, limits])
