"""May the number be read as calibrated? The certificate, with its reason in words."""

import math
from collections.abc import Mapping, Sequence

from moa_scorer.calibration.mask_fit import MaskFit
from moa_scorer.calibration.snapshot import Column, Snapshot, Stage
from moa_scorer.calibration.support import LEVEL, RARE, rare_abstention
from moa_scorer.calibration.table import criterion_of, is_measure, judge_of
from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot
from moa_scorer.domain.facts import Facts
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Rubric
from moa_scorer.domain.standing import Standing
from moa_scorer.domain.verdict import Certificate, CertificateStatus

ORDERING = "read the score as an ordering only"
FIT_AGAIN = "have people rate some new items and fit again"
RATE_AND_FIT = "to change that, have people rate about 100 such items and fit a snapshot to them"


def other_rubric(snapshot: Snapshot, rubric: Rubric) -> str:
    """Why the snapshot's heads do not answer this rubric; empty when they do."""
    if snapshot.rubric != rubric.revision:
        return f"the ratings are for rubric {snapshot.rubric}, not {rubric.revision}"
    weights = rubric.weights()
    same = list(weights) == list(snapshot.weights) and all(
        math.isclose(w, snapshot.weights[c], abs_tol=1e-9) for c, w in weights.items()
    )
    return "" if same else f"the criteria or weights of {rubric.revision} differ from those that were fitted"


def uncalibrated(why: str, snapshot: Snapshot | None = None, *, remedy: str = "") -> Certificate:
    """A certificate that promises nothing."""
    words = "; ".join(part for part in (why, ORDERING, remedy) if part)
    return _certificate(CertificateStatus.UNCALIBRATED, words, snapshot)


def certify(
    snapshot: Snapshot,
    fit: MaskFit,
    values: Mapping[str, float],
    ballots: Sequence[Ballot],
    *,
    panel: Panel,
    facts: Facts,
    judge_revisions: Mapping[str, str] | None,
    standing: Standing,
) -> Certificate:
    """The certificate of a fused score: the first check that fails names the status."""
    if why := _other_panel(snapshot, panel, judge_revisions):
        return uncalibrated(why, snapshot)
    if why := _out_of_domain(snapshot, facts):
        return _certificate(CertificateStatus.OUT_OF_DOMAIN, f"{why}; {ORDERING}", snapshot)
    if why := standing.why_stale({judge_of(snapshot.columns[k].name) for k in fit.columns}):
        return _certificate(CertificateStatus.STALE, f"{why}; {ORDERING}; {FIT_AGAIN}", snapshot)
    rare = _rare_abstention(snapshot, values, ballots) or _missing_measure(snapshot, values)
    if why := rare or _far_away(snapshot, fit, values):
        return _certificate(CertificateStatus.OUT_OF_SUPPORT, f"{why}; {ORDERING}", snapshot)
    words = f"{_valid_words(snapshot)}{_without_text(snapshot, values)}"
    return _certificate(CertificateStatus.VALID, words, snapshot)


def _certificate(status: CertificateStatus, detail: str, snapshot: Snapshot | None) -> Certificate:
    return Certificate(
        status=status,
        detail=detail,
        snapshot=snapshot.revision if snapshot else "",
        raters=snapshot.raters if snapshot else 0.0,
    )


def _valid_words(snapshot: Snapshot) -> str:
    people = f"{snapshot.raters:.3g}"
    line = " Few items: the interval holds with 90 % confidence." if snapshot.stage is Stage.LINE else ""
    chosen = (
        f", weighted by how they were chosen (worth {snapshot.worth} chosen at random)"
        if snapshot.rows.weights
        else ""
    )
    return (
        f"fitted on {snapshot.items} items of kind {' or '.join(snapshot.kinds)}{chosen}, each rated by "
        f"about {people} people; the interval is for the mean of that many.{line}{_reversed_words(snapshot)}"
    )


def _reversed_words(snapshot: Snapshot) -> str:
    turned = snapshot.reversed_judges
    if not turned:
        return ""
    verb = "scores" if len(turned) == 1 else "score"
    return f" Found in the ratings, declared by nobody: {', '.join(turned)} {verb} the other way."


def _other_panel(snapshot: Snapshot, panel: Panel, revisions: Mapping[str, str] | None) -> str:
    if snapshot.panel != panel.revision:
        return f"fitted for panel {snapshot.panel}, not {panel.revision}"
    changed = [j for j, r in snapshot.judges.items() if revisions is not None and revisions.get(j, r) != r]
    if changed:
        return f"changed since the fit: {', '.join(changed)}; fit again"
    return ""


def _out_of_domain(snapshot: Snapshot, facts: Facts) -> str:
    kinds = " or ".join(snapshot.kinds)
    if not facts.kind:
        return (
            f"no kind was declared and the ratings are of kind {kinds}: set the content's kind if it is one"
        )
    if facts.kind not in snapshot.kinds:
        return f"the ratings are of kind {kinds}, this is of kind {facts.kind}"
    languages = " or ".join(snapshot.languages)
    if snapshot.languages and not facts.language:
        return f"the language could not be told and the ratings are in {languages}: declare it if it is"
    if snapshot.languages and facts.language not in snapshot.languages:
        return f"the ratings are of texts in {languages}, this is in {facts.language}"
    return ""


def _rare_abstention(snapshot: Snapshot, values: Mapping[str, float], ballots: Sequence[Ballot]) -> str:
    """An abstention for a reason of the content that the rated items hardly ever gave."""
    cast = {b.judge: b for b in ballots}
    for column in snapshot.columns:
        if column.name in values or is_measure(column.name):
            continue
        ballot = cast.get(judge_of(column.name))
        if ballot is None:
            continue
        answer = ballot.answer(criterion_of(column.name))
        if isinstance(answer, Abstention) and rare_abstention(column, answer.reason):
            reason = answer.reason.value.replace("_", " ")
            return f"{ballot.judge} abstained ({reason}), as it hardly ever did when rated{_hint(answer)}"
    return ""


def _missing_measure(snapshot: Snapshot, values: Mapping[str, float]) -> str:
    """A measure that the rated items had: those against a source are absent where no source was given.

    Without any measure there was no text: that is the caller's choice and says nothing of the content.
    """
    if not _has_text(values):
        return ""
    for column in _measures(snapshot):
        if column.name not in values and column.missing < RARE:
            return "the rated texts had a prompt, title or source, this one has none: give it as they had it"
    return ""


def _has_text(values: Mapping[str, float]) -> bool:
    """Whether anything was measured."""
    return any(map(is_measure, values))


def _measures(snapshot: Snapshot) -> Sequence[Column]:
    """The columns that are measures."""
    return snapshot.memory.recall("measures", lambda: [c for c in snapshot.columns if is_measure(c.name)])


def _without_text(snapshot: Snapshot, values: Mapping[str, float]) -> str:
    measured = len(_measures(snapshot))
    if not measured or _has_text(values):
        return ""
    return f" No text was given: the number does without {measured} measures of it."


def _hint(answer: Abstention) -> str:
    if answer.reason is AbstentionReason.NO_CONTEXT:
        return ": give the prompt, title or source as they had it"
    return ""


def _far_away(snapshot: Snapshot, fit: MaskFit, values: Mapping[str, float]) -> str:
    if fit.support is None:
        return ""
    p = fit.support.p_value([values[snapshot.columns[k].name] for k in fit.columns])
    return f"unlike the rated items (p = {p:.4f})" if p < LEVEL else ""
