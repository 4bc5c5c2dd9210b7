"""What differs between two catalogues, in names."""

from collections.abc import Iterator, Mapping
from typing import Any

from moa_scorer.scoring.catalog import Catalog


def changes(old: Catalog, new: Catalog) -> tuple[str, ...]:
    """Names such as `policies/comments@1` of what came (`+`), went (`-`) or changed (`~`)."""
    before, after = dict(_named(old)), dict(_named(new))
    return tuple(_marked(before, after))


def _marked(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if name not in before:
            yield f"+{name}"
        elif name not in after:
            yield f"-{name}"
        elif before[name] != after[name]:
            yield f"~{name}"


def _named(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    """Every resource by its name, as something that can be compared."""
    for panel in catalog.panels:
        yield f"panels/{panel.revision}", panel
    for rubric in catalog.rubrics:
        yield f"rubrics/{rubric.revision}", rubric
    for policy in catalog.policies:
        yield f"policies/{policy.revision}", policy
    for name, judge in catalog.judges.items():
        yield f"judges/{name}", judge.profile
    for snapshot in catalog.snapshots:
        yield f"snapshots/{snapshot.revision}", snapshot.digest
    for name, state in catalog.states.items():
        yield f"states/{name}", state
    yield "reference", catalog.reference.digest
    yield "floor", catalog.floor
    yield "default panel", catalog.default_panel
    yield "shadow policies", catalog.shadows.policies
    yield "shadow snapshots", [snapshot.revision for snapshot in catalog.shadows.snapshots]
    yield "shadow panels", catalog.shadows.panels
