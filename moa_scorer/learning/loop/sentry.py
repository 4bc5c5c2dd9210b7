"""Watches the answers of a server process: sources unlike what was rated, judges that fail or change.

The answers of a source under a snapshot gather in a window. At every further hundred documents of it the
window is compared with the rated items, as a file is (`drift_batch`). A look raises a false alarm with
probability 0.001 at most, so ten of them, a thousand documents, with 0.01. Full windows begin anew. Refusals
and unreadable replies of a judge are bet on one by one (`drift`), at the same rate of false alarms, for each
tenant by itself: what one sends may be what a judge refuses, and the alarm would take the judge from all.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from moa_scorer.calibration.exchange import LEVEL, rate_gains
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.table import Array, criterion_of, is_measure, judge_of
from moa_scorer.domain.record import Record
from moa_scorer.domain.tenant import Tenant
from moa_scorer.learning.loop.drift import WATCHED, usual_rate
from moa_scorer.learning.loop.drift_batch import MOST, Batch, BatchWatch, watch_batch
from moa_scorer.learning.loop.seen import Seen, SeenJudge, seen_of

WAITING: Final = 5_000
"""Answers kept between two looks; of more, the newest are not looked at."""
STEP: Final = 100
"""Documents of a window after which it is compared again."""
EVIDENCE: Final = 3.0
"""log10 of an e-value at which a window raises an alarm."""
WINDOWS: Final = 64
"""Windows kept; of more, the one that waited longest for an answer goes."""
WINDOWS_OF_TENANT: Final = 16
"""Of these, of one tenant: who names a source anew with each item pushes out its own."""
BETS_KEPT: Final = 4_096
"""Judges times tenants that are bet on; of more, the one that waited longest goes."""
HEARD: Final = 20
"""Answers of a judge to a tenant after which the tenant would have seen that the judge has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFound:
    """Items of a source are unlike the rated ones."""

    snapshot: str
    """Revision."""
    source: str
    what: str
    """In words without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFound:
    """A judge answers unlike it did when people rated."""

    snapshot: str
    judge: str
    """Its name in the panel."""
    what: str
    """In words without a full stop, to follow its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look has come to."""

    sources: tuple[SourceFound, ...] = ()
    judges: tuple[JudgeFound, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    """Judge of the catalogue -> the model that it reports from now on, where that is news."""


class Sentry:
    """Sees every answer of a process; looks at them when asked to, in any one thread at a time."""

    def __init__(self, *, step: int = STEP) -> None:
        self._waiting: deque[Seen] = deque()
        self._step = step
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()
        self._rates: OrderedDict[tuple[str, str, Tenant], _Failures] = OrderedDict()
        self._failing: dict[tuple[str, str], set[Tenant]] = {}
        """Judge under a snapshot -> for whom it has failed too often."""
        self._models: dict[str, str] = {}

    def witness(self, record: Record) -> None:
        """Takes note of an answer: a few microseconds, on the hot path."""
        if len(self._waiting) < WAITING and (seen := seen_of(record)) is not None:
            self._waiting.append(seen)

    def knows(self, models: Mapping[str, str]) -> None:
        """Judges of the catalogue and the models that they are known to report."""
        self._models |= models

    def look(self, snapshots: Mapping[str, Snapshot]) -> Found:
        """Looks at what came in, under the snapshots by revision, and at most at one window as a whole."""
        answers = [self._waiting.popleft() for _ in range(len(self._waiting))]
        known = [seen for seen in answers if seen.snapshot in snapshots]
        for seen in known:
            self._window(seen).add(seen)
        before = dict(self._models)
        judges = tuple(found for seen in known for found in self._judges(seen, snapshots[seen.snapshot]))
        changed = {judge: model for judge, model in self._models.items() if before.get(judge) != model}
        return Found(sources=self._sources(snapshots), judges=judges, models=changed)

    def _window(self, seen: Seen) -> "_Window":
        key = (seen.snapshot, seen.source)
        if key not in self._windows:
            self._make_room(seen.tenant)
            self._windows[key] = _Window(seen.tenant)
        self._windows.move_to_end(key)
        return self._windows[key]

    def _make_room(self, tenant: Tenant) -> None:
        own = [key for key, window in self._windows.items() if window.tenant == tenant]
        if len(own) >= WINDOWS_OF_TENANT:
            del self._windows[own[0]]
        elif len(self._windows) >= WINDOWS:
            self._windows.popitem(last=False)

    def _sources(self, snapshots: Mapping[str, Snapshot]) -> tuple[SourceFound, ...]:
        """The alarm of the window that has waited longest, where there is one."""
        due = [(key, w) for key, w in self._windows.items() if w.due(self._step) and key[0] in snapshots]
        if not due:
            return ()
        (revision, source), window = max(due, key=lambda each: each[1].waiting)
        watch = window.compared(snapshots[revision])
        if watch.evidence < EVIDENCE:
            return ()
        return (SourceFound(snapshot=revision, source=source, what=_words(watch)),)

    def _judges(self, seen: Seen, snapshot: Snapshot) -> Iterable[JudgeFound]:
        for judge in seen.judges:
            if judge.model and (what := self._other_model(judge)):
                yield JudgeFound(snapshot=snapshot.revision, judge=judge.judge, what=what)
            what = self._bet_on(judge, snapshot, seen.tenant)
            if what and self._fails_for_all((snapshot.revision, judge.judge), seen.tenant):
                yield JudgeFound(snapshot=snapshot.revision, judge=judge.judge, what=what)

    def _bet_on(self, judge: SeenJudge, snapshot: Snapshot, tenant: Tenant) -> str:
        """What has been found with this answer, in words; empty = nothing yet."""
        key = (snapshot.revision, judge.judge, tenant)
        bets = self._rates.pop(key, None) or _Failures.of(snapshot, judge.judge)
        if what := bets.after(judge):
            return what
        self._rates[key] = bets
        if len(self._rates) > BETS_KEPT:
            self._rates.popitem(last=False)
        return ""

    def _fails_for_all(self, judge: tuple[str, str], tenant: Tenant) -> bool:
        """Whether it fails for a second tenant, or nobody else asks it."""
        failing = self._failing.setdefault(judge, set())
        failing.add(tenant)
        others = (
            bets.asked for key, bets in self._rates.items() if key[:2] == judge and key[2] not in failing
        )
        if len(failing) == 1 and any(asked >= HEARD for asked in others):
            return False
        del self._failing[judge]
        return True

    def _other_model(self, judge: SeenJudge) -> str:
        """What changed, in words; from then on the new model is the known one."""
        usual = self._models.get(judge.catalogued, "")
        self._models[judge.catalogued] = judge.model
        if usual in ("", judge.model):
            return ""
        return f"is answered by another model, {judge.model} instead of {usual}"


class _Window:
    """Answers of one source under one snapshot, of at most so many documents."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._seen: list[Seen] = []
        self._groups: set[int] = set()
        self._compared = 0

    @property
    def waiting(self) -> int:
        """Documents that came since the last comparison."""
        return len(self._groups) - self._compared

    def add(self, seen: Seen) -> None:
        """One item of a document is enough."""
        if seen.group not in self._groups and len(self._groups) < MOST:
            self._groups.add(seen.group)
            self._seen.append(seen)

    def due(self, step: int) -> bool:
        return self.waiting >= step

    def compared(self, snapshot: Snapshot) -> BatchWatch:
        """The evidence so far; a full window is empty afterwards."""
        watch = watch_batch(snapshot, _batch(snapshot, self._seen))
        self._compared = len(self._groups)
        if len(self._groups) >= MOST:
            self._seen, self._groups, self._compared = [], set(), 0
        return watch


class _Failures:
    """Bets on each of a judge's watched failures, one answer after another."""

    def __init__(self, usual: Mapping[str, float]) -> None:
        self._usual = usual
        self._capital = {reason: np.full(BETS, -np.inf) for reason in usual}
        self._counts = dict.fromkeys(usual, 0)
        self.asked = 0
        """Answers bet on."""

    @classmethod
    def of(cls, snapshot: Snapshot, judge: str) -> "_Failures":
        """Against the rates that the snapshot's ratings had; nothing is watched where they are not known."""
        own = [c for c in snapshot.columns if not is_measure(c.name) and judge_of(c.name) == judge]
        rates = {reason.value: usual_rate(own, reason, snapshot.items) for reason in WATCHED if own}
        return cls({reason: rate for reason, rate in rates.items() if rate is not None})

    def after(self, judge: SeenJudge) -> str:
        """What has been found with this answer, in words; empty = nothing yet."""
        self.asked += 1
        happened = {reason.value for reason in judge.reasons}
        for reason, usual in self._usual.items():
            self._counts[reason] += reason in happened
            logs = np.log(rate_gains(np.array([reason in happened]), usual))[0]
            self._capital[reason] = np.logaddexp(self._capital[reason], UNIT) + logs
            if np.logaddexp.reduce(self._capital[reason]) >= math.log(LEVEL):
                return self._words(reason, usual)
        return ""

    def _words(self, reason: str, usual: float) -> str:
        verb = "refuses" if reason == "refused" else "answers unreadably"
        rate = self._counts[reason] / self.asked
        then = f"{rate:.1%} of {self.asked}, at most {usual:.1%} then"
        return f"{verb} more often than in the ratings ({then})"


BETS: Final = rate_gains(np.array([True]), 0.01).shape[1]
UNIT: Final = -math.log(BETS)


def _batch(snapshot: Snapshot, seen: Sequence[Seen]) -> Batch:
    """The answers as rows of the snapshot's columns; what is of another kind than rated is missing."""
    place = {column.name: k for k, column in enumerate(snapshot.columns)}
    values = np.full((len(seen), len(place)), np.nan)
    fullest = _fullest(seen)
    for row, each in zip(values, seen, strict=True):
        _fill(row, each, snapshot, place, fullest)
    return Batch(columns=tuple(place), values=values, groups=tuple(str(each.group) for each in seen))


def _fill(
    row: Array, seen: Seen, snapshot: Snapshot, place: Mapping[str, int], fullest: Mapping[str, int]
) -> None:
    for score in seen.scores:
        k = place.get(score.column)
        if k is not None and score.kind is snapshot.columns[k].kind and score.read == fullest[score.column]:
            row[k] = score.value
    for name, k in place.items():
        if is_measure(name):
            row[k] = seen.measures.get(criterion_of(name), np.nan)


def _fullest(seen: Sequence[Seen]) -> dict[str, int]:
    """Column -> most ballots that its judge had read."""
    found: dict[str, int] = {}
    for each in seen:
        for score in each.scores:
            found[score.column] = max(score.read, found.get(score.column, 0))
    return found


def _words(watch: BatchWatch) -> str:
    odd = ", ".join(name for name, found in watch.columns.items() if found > 0) or "all columns together"
    evidence = f"evidence 10^{watch.evidence:.1f}; most of all {odd}"
    return (
        f"{watch.groups} documents of this source are unlike the rated ones ({evidence}): rate about 100 of "
        "them and calibrate"
    )
