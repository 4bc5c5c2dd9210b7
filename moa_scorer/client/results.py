"""What comes back, as frozen values.

Words such as a decision are lower-case strings: `accept`, `out_of_domain`. A word that
this version does not know yet is `unknown_` and its number, never an error.
"""

from dataclasses import dataclass, field

from moa_scorer.api.v1.scoring_service_pb2 import ScoreContentResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the mean rating of people is expected."""

    lower: float
    """In [0, 1]."""
    upper: float
    """In [0, 1]."""
    coverage: float
    """Stated probability, in (0, 1)."""
    kind: str
    """`marginal` or `pac`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """A judge's missing judgment."""

    judge: str
    reason: str
    """Such as `timeout`, `no_context`, `model_missing`."""
    detail: str
    """What to do about it, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion's result."""

    name: str
    score: float | None
    """In [0, 1], higher is better; None = too few judges could answer."""
    value: float | None
    """The same on the rubric's own scale."""
    interval: Interval | None
    """Only with a valid certificate."""
    abstentions: tuple[Abstention, ...] = ()
    """Why there is no score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one column added to the score."""

    column: str
    """`judge/criterion`, or `measures/NAME`."""
    value: float
    """The column's raw value."""
    amount: float
    """Signed, in units of the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """There is a score."""

    score: float
    """In [0, 1], higher is better; an ordering only unless the certificate is `valid`."""
    value: float
    """The same on the rubric's own scale."""
    interval: Interval | None
    certificate: str
    """`valid`, `stale`, `out_of_domain`, `out_of_support` or `uncalibrated`."""
    certificate_detail: str
    """Why, in a sentence."""
    criteria: tuple[Criterion, ...]
    """In the rubric's order."""
    raters: float | None
    """Mean number of raters an item of the fit had; None without a snapshot."""
    effective_votes: float | None
    """How many copies of its best judge the panel is worth; None = not estimable."""
    baseline: float | None
    """The score of an average rated item; view `full` only."""
    contributions: tuple[Contribution, ...]
    """View `full` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScored:
    """There is no score, and why. Never a zero."""

    reason: str
    """`quorum_missed`, `budget_exhausted` or `cost_ceiling`."""
    abstentions: tuple[Abstention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A judge's answer on one of its own criteria: a raw score or an abstention."""

    criterion: str
    score: float | None
    """In [0, 1], before calibration."""
    abstention: Abstention | None
    kind: str = ""
    """How the score was read: `single`, `samples` or `logprobs`; empty for an abstention."""
    distribution: tuple[tuple[float, float], ...] = ()
    """(score, probability) in rising order, where it is known; view `full` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A span of the text: `text[start:end] == quote`."""

    quote: str
    start: int
    end: int
    criterion: str
    polarity: str
    """`for` or `against`."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What asking a judge's model took."""

    calls: int
    """Requests sent, retries and hedges included."""
    input_tokens: int
    """Cached ones included."""
    cached_tokens: int
    output_tokens: int
    cost: float
    """US dollars, by the server's price table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What one judge returned."""

    judge: str
    answers: tuple[Answer, ...]
    """Empty when the judge abstained as a whole."""
    evidence: tuple[Evidence, ...]
    critique: str
    read_fraction: float | None
    """Share of the text that was read, in (0, 1]; None for an abstention."""
    abstention: Abstention | None
    """Why the judge gave nothing at all."""
    latency: float | None
    """Seconds; view `full` only."""
    layer: int
    """Layer of the panel, from 1."""
    model: str
    """Id of the model that answered, as reported; empty for judges of the server's own process."""
    stand_in: str
    """Endpoint that answered in place of the judge's own; empty = its own did."""
    redacted: int | None
    """Personal spans that were replaced before its model saw the text; None = it saw it as received."""
    fabricated: int
    """Quotes that were dropped because the text does not hold them."""
    read: tuple[str, ...]
    """Judges of earlier layers whose ballots it has read; `J1` in its words is the first of them."""
    tamper_risk: float
    """In [0, 1]: signs in the reply that the text took a hand in it."""
    usage: Usage | None
    """View `full` only."""
    raw: tuple[str, ...]
    """The model's replies as received; view `full` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the text without judging it."""

    language: str
    language_declared: bool
    tamper_risk: float
    """In [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLayer:
    """Judges that will be asked side by side."""

    judges: tuple[str, ...]
    expected_seconds: float
    budget: float
    """Seconds of the latency budget; what earlier layers leave over is added."""
    most_cost: float
    """US dollars that asking its judges once may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is going to be done."""

    panel: str
    rubric: str
    policy: str
    snapshot: str
    judges: tuple[str, ...]
    quorum: int
    ruler: str
    expected_seconds: float
    layers: tuple[PlannedLayer, ...]
    """Who will be asked, in order."""
    most_cost: float
    """US dollars that asking all judges once may cost."""
    left_out: tuple[Abstention, ...]
    """Judges that will not be asked, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One item's verdict."""

    content_id: str
    decision: str
    """`none` without a policy, else `accept`, `review` or `reject`."""
    rule: str
    """The policy's rule that matched."""
    completion: str
    """`complete`, `partial`, `decided`, `unscored`, or `provisional` in a stream."""
    outcome: Scored | NotScored | None
    """None in view `decision`, which leaves it out."""
    panel: str
    rubric: str
    policy: str
    snapshot: str
    planned: int
    """Judges planned."""
    answered: int
    """Judges that gave at least one score."""
    ruler: str
    ballots: tuple[Ballot, ...]
    """Views `ballots` and `full`."""
    rationale: str
    facts: Facts | None
    plan: Plan | None
    elapsed: float | None
    """Seconds of work on the server; view `full` only."""
    cost: float | None
    """US dollars that asking the judges cost; None in view `decision`."""
    degraded: str
    """Why the verdict rests on fewer layers than planned; empty = it does not."""
    record: str
    """`records/ID` of what is on disk of it; empty = there is nothing, and `unrecorded` says why."""
    unrecorded: str
    """`retention`, `storage_off`, `storage_down` or `out_of_time`; empty with a record."""
    cache: str
    """Where the ballots came from: `miss`, `hit`, `shared` or `bypassed`; empty in view `decision`."""
    origin: str
    """Record whose ballots these are, of a cache hit or an escalation; view `full` only."""
    message: ScoreContentResponse = field(repr=False, compare=False)
    """The message as received, for what is not here and for JSON."""

    @property
    def score(self) -> float:
        """The score in [0, 1]; raises Unscored where there is none, so that nobody reads a zero."""
        return self.scored.score

    @property
    def scored(self) -> Scored:
        """The outcome with a score; raises Unscored where there is none, LookupError in view `decision`."""
        if isinstance(self.outcome, Scored):
            return self.outcome
        if self.outcome is None:
            raise LookupError("the view `decision` leaves the score out: ask for view `score`")
        raise Unscored(self, self.outcome)

    @property
    def is_scored(self) -> bool:
        """Whether there is a score."""
        return isinstance(self.outcome, Scored)


class Unscored(Exception):
    """A score was asked of a result that has none."""

    def __init__(self, result: Result, outcome: NotScored) -> None:
        why = ", ".join(f"{a.judge}: {a.reason}" for a in outcome.abstentions)
        super().__init__(f"unscored: {outcome.reason}" + (f" ({why})" if why else ""))
        self.result = result
        """The whole result: its decision holds all the same."""
        self.reason = outcome.reason
        self.abstentions = outcome.abstentions


Event = Plan | Ballot | Result
"""What a stream tells: the plan, ballots, provisional results, and last the result."""
