"""What judges of a later layer read: earlier ballots without names, in an order of each reader's own.

A reader knows the ballots as `J1`, `J2` ... in the order it was shown, which differs from reader to reader so
that no ballot always comes first. In the record, `J1` is the first judge of `Judgment.read`.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from moa_scorer.domain.ballot import Abstention, Ballot, Judgment
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Peer
from moa_scorer.domain.ruler import digest

_ALIAS = re.compile(r"\bJ\d+\b")
NOT_READ = "J0"
"""Stands for a ballot that the judge did not read: no ballot has this alias."""


def shown_to(reader: str, earlier: Sequence[Ballot], content: Content, seed: int) -> tuple[Peer, ...]:
    """The judgments of earlier layers as one judge is shown them; the same item and seed, the same order."""
    judged = [(ballot.judge, ballot.outcome) for ballot in earlier if isinstance(ballot.outcome, Judgment)]
    random.Random(digest([seed, reader, content.text, content.reference])).shuffle(judged)
    alias = {judge: f"J{k}" for k, (judge, _) in enumerate(judged, start=1)}
    return tuple(
        Peer(alias=alias[judge], judge=judge, judgment=_for_reader(judgment, alias))
        for judge, judgment in judged
    )


def as_recorded(
    outcome: Judgment | Abstention, peers: Sequence[Peer], order: Sequence[str]
) -> Judgment | Abstention:
    """A reader's judgment with what it read in panel order and its citations numbered in that order.

    `order` names the judges of earlier layers in panel order.
    """
    if isinstance(outcome, Abstention) or not peers:
        return outcome
    shown = {peer.judge for peer in peers}
    read = tuple(judge for judge in order if judge in shown and judge in outcome.read)
    number = {judge: f"J{k}" for k, judge in enumerate(read, start=1)}
    own = {peer.alias: number.get(peer.judge, NOT_READ) for peer in peers}
    return replace(_renamed(outcome, own), read=read)


def _for_reader(judgment: Judgment, alias: Mapping[str, str]) -> Judgment:
    """A judgment that itself cites others: under the aliases that this reader knows them by.

    Whoever has read no ballots cites nobody: an alias in such words came from the content, or would pass for
    a word on a ballot that its writer never saw.
    """
    return _renamed(judgment, {f"J{k}": alias[judge] for k, judge in enumerate(judgment.read, start=1)})


def _renamed(judgment: Judgment, names: Mapping[str, str]) -> Judgment:
    """All aliases replaced at once; one that stands for nobody here is `NOT_READ`."""

    def rename(text: str) -> str:
        return _ALIAS.sub(lambda found: names.get(found[0], NOT_READ), text)

    evidence = tuple(replace(span, note=rename(span.note)) for span in judgment.evidence)
    return replace(judgment, critique=rename(judgment.critique), evidence=evidence)
