"""A judge that is shown no personal data: its content is redacted before, its evidence led back after."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from moa_scorer.domain.ballot import Abstention, Evidence, Judgment
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking, Estimate, Judge, JudgeProfile, Peer
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.ruler import digest
from moa_scorer.judges.redaction import Finder, Redacted, redacted

AT_ONCE: Final = 1_000
"""Code points that are searched in the event loop; longer texts take milliseconds, and a thread."""


class RedactedJudge:
    """Stands before a judge whose model is a vendor's. Its revision is another than the judge's own: what a
    model is shown makes the number."""

    def __init__(self, judge: Judge, finder: Finder) -> None:
        self._judge = judge
        self._finder = finder
        own = judge.profile
        self._profile = replace(
            own,
            revision=digest([own.revision, finder.revision]),
            equivalent=digest([own.equivalent, finder.revision]) if own.equivalent else "",
        )

    @property
    def profile(self) -> JudgeProfile:
        return self._profile

    def estimate(self, content: Content) -> Estimate:
        return self._judge.estimate(content)

    async def warm(self) -> None:
        await self._judge.warm()

    async def judge(self, content: Content, rubric: Rubric, asking: Asking) -> Judgment | Abstention:
        text = await self._redacted(content.text)
        title = await self._redacted(content.title)
        context = await self._redacted(content.context)
        asking.tab.redacted(text.count + title.count + context.count)
        shown = replace(content, text=text.text, title=title.text, context=context.text)
        peers = tuple([await self._peer(peer) for peer in asking.peers])
        outcome = await self._judge.judge(shown, rubric, replace(asking, peers=peers))
        if isinstance(outcome, Abstention):
            return outcome
        return replace(outcome, evidence=_led_back(outcome.evidence, text, content.text))

    async def _peer(self, peer: Peer) -> Peer:
        """A ballot of an earlier layer, whose judge may have quoted what is personal."""
        said = peer.judgment
        evidence = [
            replace(each, quote=await self._words(each.quote), note=await self._words(each.note))
            for each in said.evidence
        ]
        critique = await self._words(said.critique)
        return replace(peer, judgment=replace(said, evidence=tuple(evidence), critique=critique))

    async def _words(self, words: str) -> str:
        return (await self._redacted(words)).text

    async def _redacted(self, text: str) -> Redacted:
        if len(text) <= AT_ONCE:
            return redacted(text, self._finder.find(text))
        return redacted(text, await asyncio.to_thread(self._finder.find, text))


def _led_back(evidence: Sequence[Evidence], shown: Redacted, text: str) -> tuple[Evidence, ...]:
    """The same spans in the text as received."""
    places = [shown.origin(each.start, each.end) for each in evidence]
    return tuple(
        replace(each, start=start, end=end, quote=text[start:end])
        for each, (start, end) in zip(evidence, places, strict=True)
    )
