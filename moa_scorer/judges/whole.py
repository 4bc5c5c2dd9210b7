"""Asks a model for the whole judgment in one reply, and weighs what came back."""

from dataclasses import replace
from typing import Any, Final

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Judgment
from moa_scorer.domain.content import Content
from moa_scorer.domain.judge import Asking
from moa_scorer.domain.rubric import Rubric
from moa_scorer.judges.dictated import Untrusted
from moa_scorer.judges.llm_spec import LlmSpec
from moa_scorer.judges.peers import peers_block
from moa_scorer.judges.reply import Reply, Wanted, read_reply
from moa_scorer.judges.schema import layer_schema, scores_schema
from moa_scorer.judges.shown import Shown
from moa_scorer.judges.weigh import weighed
from moa_scorer.providers.model import Finish, ModelFailure, ModelReply, ModelRequest, Sample

_MOST_ALTERNATIVES: Final = 20
"""Alternatives a token, of which a long reply has many: the digits of a scale are among so many."""


async def ask_whole(
    spec: LlmSpec, view: Shown, content: Content, rubric: Rubric, asking: Asking
) -> Judgment | Abstention:
    """The judgment of one model; with ballots of earlier layers it has read those."""
    reply = await spec.model.ask(whole_request(spec, view, rubric, asking), asking.budget, asking.tab)
    if isinstance(reply, ModelFailure):
        return Abstention(reason=reply.reason, detail=reply.detail)
    for sample in reply.samples:
        asking.tab.heard(sample.text)
    wanted = _wanted(reply, view, rubric, asking)
    read = [(sample, _read(sample, wanted)) for sample in reply.samples]
    replies = [(sample, outcome) for sample, outcome in read if isinstance(outcome, Reply)]
    if 2 * len(replies) <= len(read):
        return next(outcome for _, outcome in read if isinstance(outcome, Abstention))
    return weighed(spec, view, content, asking, replies)


def whole_request(spec: LlmSpec, view: Shown, rubric: Rubric, asking: Asking) -> ModelRequest:
    """The prompt of a first layer, or with ballots that of a later one."""
    template = spec.peers_template if asking.peers else spec.template
    criteria = tuple(c.name for c in rubric.criteria)
    values: dict[str, Any] = {**view.values(), "nonce": asking.nonce}
    if asking.peers:
        values["peers"] = peers_block(asking.peers, criteria, asking.nonce)
    aliases = tuple(peer.alias for peer in asking.peers)
    return ModelRequest(
        system=template.system(rubric),
        user=template.user(values),
        max_tokens=spec.max_tokens,
        schema=layer_schema(criteria, aliases) if aliases else scores_schema(criteria),
        temperature=spec.temperature,
        samples=spec.wanted,
        seed=asking.seed,
        top_logprobs=min(spec.alternatives, _MOST_ALTERNATIVES),
    )


def _wanted(reply: ModelReply, view: Shown, rubric: Rubric, asking: Asking) -> Wanted:
    criteria = tuple(c.name for c in rubric.criteria)
    critiques = [peer.judgment.critique for peer in asking.peers]
    return Wanted(
        criteria=criteria,
        nonce=asking.nonce,
        constrained=reply.constrained,
        untrusted=Untrusted.of(view.received, criteria, asking.tamper_risk, critiques),
        aliases=tuple(peer.alias for peer in asking.peers),
    )


def _read(sample: Sample, wanted: Wanted) -> Reply | Abstention:
    if sample.finish is Finish.REFUSED:
        return Abstention(reason=AbstentionReason.REFUSED, detail="the model declined to judge")
    cut = sample.finish is Finish.LENGTH
    outcome = read_reply(sample.text, wanted, truncated=cut)
    if cut and isinstance(outcome, Abstention) and outcome.reason is AbstentionReason.UNPARSEABLE:
        return replace(outcome, detail=f"{outcome.detail}: max_tokens cut it short; give the judge more")
    return outcome
