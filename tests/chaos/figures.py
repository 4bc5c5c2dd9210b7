"""What a chaos run has to show, each a figure beside its limit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.report import markdown
from tests.chaos.answers import Answer, Cast
from tests.chaos.sent import Sent
from tests.chaos.truth import score
from tests.fakes.catalogue import Price

MOST_LATE = 0.020
"""Seconds; p99.9 of lateness."""
LEAST_SCORED = 0.95
"""Of the items where a quorum was feasible."""
MOST_CALLS = 1.15
"""Upstream calls for each first send: 10 % retries, 5 % hedges."""
LAG = 0.2
"""Seconds that an answer may lie unread in a busy process."""
LENT = 15
"""Calls that an endpoint may make before its first sends have earned them; what a small run is told by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report."""

    name: str
    value: str
    limit: str = ""
    """Empty = it is told, not judged."""
    ok: bool = True


def table(found: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    rows = [
        (each.name, each.value, each.limit, "" if not each.limit else "ok" if each.ok else "**MISSED**")
        for each in found
    ]
    return markdown(("figure", "value", "limit", ""), rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that is known of a run."""

    items: int
    """Wanted."""
    quorum: int
    latency_budget: float
    """Seconds."""
    deadline: float
    """Seconds of a call."""
    price: Price
    max_tokens: int
    """Of an answer, at most."""
    answers: Sequence[Answer] = field(repr=False)
    calls: Mapping[tuple[int, int], Sequence[Sent]] = field(repr=False)
    """(run, item) -> what the vendor was sent."""

    def of(self, answer: Answer) -> Sequence[Sent]:
        """The calls made for an answer."""
        return self.calls.get((answer.run, answer.item), ())

    def counted(self) -> list[Sent]:
        """The calls of all items that were answered; a run that was broken off leaves others behind."""
        return [call for answer in self.answers for call in self.of(answer)]


def figures(seen: Seen) -> list[Figure]:
    """Everything that has to hold, whatever the machine; times are `lateness`."""
    return [typed(seen), invented(seen), feasible_scored(seen), upstream_calls(seen), money(seen)]


def lateness(seen: Seen, control: float) -> list[Figure]:
    """How late answers were at p99.9, beside the control: how late an idle coroutine woke up meanwhile.

    The server's own figure is time over the latency budget until its verdict. The caller's is time over the
    call's deadline, which holds the way there and back and the caller's own loop.
    """
    served = [answer for answer in seen.answers if answer.status == "OK"]
    told = [answer.elapsed - seen.latency_budget for answer in served]
    judged = [answer.elapsed - answer.budget for answer in served]
    waited = [answer.seconds - seen.latency_budget for answer in served]
    past = [answer.seconds - seen.deadline for answer in seen.answers]
    return [
        _late("verdict over the latency budget", told, judged=True),
        _late("caller's wait over the call's deadline", past, judged=True),
        _late("verdict over what the judges were allowed", judged, judged=False),
        _late("caller's wait over the latency budget", waited, judged=False),
        Figure(name="control: an idle coroutine of the caller, p99.9 late", value=f"{control * 1e3:.1f} ms"),
    ]


def _late(name: str, seconds: Sequence[float], *, judged: bool) -> Figure:
    """p99.9; being early is no credit."""
    late = percentile([max(0.0, value) for value in seconds], 0.999)
    limit = f"<= {MOST_LATE * 1e3:.0f} ms" if judged else ""
    return Figure(
        name=f"p99.9 of {name}", value=f"{late * 1e3:.1f} ms", limit=limit, ok=late <= MOST_LATE or not judged
    )


def typed(seen: Seen) -> Figure:
    """Every item ends in a score, an unscored answer with its reason, or a status that says what happened."""
    ended = sum(answer.typed for answer in seen.answers)
    return Figure(
        name="items that end in a typed outcome",
        value=f"{ended:,}",
        limit=f"{seen.items:,}",
        ok=ended == seen.items,
    )


def invented(seen: Seen) -> Figure:
    """Scores that no judge gave: another value, without a whole good answer, or fused below the quorum."""
    found = sum(len(inventions(answer, seen.of(answer), seen.quorum)) for answer in seen.answers)
    told = sum(len(answer.scores()) for answer in seen.answers)
    return Figure(
        name=f"invented scores, of {told:,} in ballots", value=f"{found:,}", limit="0", ok=not found
    )


def inventions(answer: Answer, calls: Sequence[Sent], quorum: int) -> list[str]:
    """What of an answer is invented, in words."""
    heard = {call.judge for call in calls if call.good}
    scores = answer.scores()
    wrong = [
        f"{judge}/{criterion}: {said}"
        for (judge, criterion), said in scores.items()
        if judge not in heard or abs(said - score(answer.item, judge, criterion)) > 1e-9
    ]
    judges = {judge for judge, _ in scores}
    thin = answer.score is not None and len(judges) < quorum
    return wrong + ([f"a score from {len(judges)} judges"] if thin else [])


def feasible(answer: Answer, seen: Seen) -> bool:
    """Whether the vendor sent whole good answers of a quorum of judges while the judges' time lasted.

    Where no answer says how long that was, it was the latency budget.
    """
    end = answer.asked + (answer.budget or seen.latency_budget)
    return len({call.judge for call in seen.of(answer) if call.good and call.ended <= end}) >= seen.quorum


def feasible_scored(seen: Seen) -> Figure:
    """Of the items where a quorum was feasible, those that have a score."""
    could = [a for a in seen.answers if feasible(a, seen)]
    share = sum(a.outcome == "scored" for a in could) / len(could) if could else 0.0
    return Figure(
        name=f"scored, of the {len(could):,} items where a quorum was feasible",
        value=f"{share:.2%}",
        limit=f">= {LEAST_SCORED:.0%}",
        ok=share >= LEAST_SCORED,
    )


def upstream_calls(seen: Seen) -> Figure:
    """The vendor's own count of calls, for each first one of an item and judge."""
    calls = seen.counted()
    first = {(call.run, call.item, call.judge) for call in calls}
    endpoints = len({call.judge for call in calls})
    most = MOST_CALLS * len(first) + LENT * endpoints
    ratio = len(calls) / len(first) if first else 0.0
    return Figure(
        name=f"upstream calls for each of {len(first):,} first sends",
        value=f"{ratio:.4f}",
        limit=f"<= {MOST_CALLS}",
        ok=len(calls) <= most,
    )


def money(seen: Seen) -> Figure:
    """Items whose money, as told, does not fit what the vendor counted."""
    served = [answer for answer in seen.answers if answer.status == "OK"]
    within = [(answer, *bounds(answer, seen.of(answer), seen.price, seen.max_tokens)) for answer in served]
    wrong = sum(not least <= answer.micro_usd <= most for answer, least, most in within)
    exact = sum(least == most for _, least, most in within)
    told, least = sum(answer.micro_usd for answer in served), sum(least for _, least, _ in within)
    sums = f"{exact:,} known exactly; told ${told / 1e6:.4f}, surely billed ${least / 1e6:.4f}"
    return Figure(name=f"items whose money is wrong ({sums})", value=f"{wrong:,}", limit="0", ok=not wrong)


def bounds(answer: Answer, calls: Sequence[Sent], price: Price, max_tokens: int) -> tuple[int, int]:
    """The least and the most that an item may have cost, in millionths of a US dollar.

    A whole answer costs what its tokens do. A call whose outcome the caller did not see is booked by its
    reservation, which is not known here: between nothing and a token a byte. So is a call that was given up
    before the vendor saw it.
    """
    told = {judge for judge, cast in answer.ballots.items() if _seen(cast)}
    known = [call for call in calls if call.reported]
    alone = {call.judge for call in known if sum(c.judge == call.judge for c in known) == 1}
    seen = [call for call in known if call.judge in told & alone]
    unseen = [call for call in calls if call not in seen and not _read_as_free(call, answer, calls)]
    certain = sum(call.price(price) for call in seen)
    each = [call.most(price, max_tokens) for call in calls]
    lost = max(0, answer.calls - len(calls)) * max(each, default=0)
    return certain, certain + lost + sum(call.most(price, max_tokens) for call in unseen)


def _read_as_free(call: Sent, answer: Answer, calls: Sequence[Sent]) -> bool:
    """Whether the caller surely read that it was turned away: well before the judge's other answer came, or
    the item ended, and the call may have been given up unread."""
    others = [c.ended for c in calls if c.judge == call.judge and c.reported]
    return call.free and call.ended + LAG < min([*others, answer.asked + answer.elapsed])


def _seen(cast: Cast) -> bool:
    """Whether the ballot rests on an answer that came: there are scores, or the model declined."""
    return any(not isinstance(said, str) or said == "REFUSED" for said in cast.values())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value with at least so large a share of all values at or below it; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
