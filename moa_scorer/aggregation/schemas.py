"""JSON Schemas of the files that carry a calibration: the snapshot itself, and its portable form."""

from importlib.resources import files
from typing import Any, Final

from moa_scorer.aggregation import portable
from moa_scorer.calibration.conformal import Width
from moa_scorer.calibration.schema import schema_of
from moa_scorer.calibration.snapshot import FORMAT, Snapshot

DIGEST: Final = {
    "description": "Of the JSON without this property: keys sorted, no spaces, UTF-8.",
    "type": "string",
    "pattern": "^sha256:[0-9a-f]{64}$",
}

OF_A_SNAPSHOT: Final = """\
A calibration snapshot of MoA Scorer, as `moa-scorer fit` writes it: gzip over one JSON object. It holds the
curves of every column, and the rated items from which weights, intervals and support of any set of columns
are worked out. Who only serves by it takes the portable form: `moa-scorer snapshots export`.

Beyond this schema: `heads` are the criteria of `weights` in their order, then `overall`; every item of `rows`
has one value a column; knots strictly increase; curves have one value for each knot of their column."""


def snapshot_schema() -> dict[str, Any]:
    """Of what `moa-scorer fit` writes, uncompressed."""
    header = {"format": {"const": FORMAT}, "digest": DIGEST}
    return schema_of(Snapshot, title="MoA Scorer snapshot", description=OF_A_SNAPSHOT, header=header)


def portable_schema() -> dict[str, Any]:
    """Of what `moa-scorer snapshots export` writes; its description is the recipe for serving."""
    return schema_of(
        portable.Portable,
        title="MoA Scorer portable snapshot",
        description=(files("moa_scorer.aggregation") / "serving.md").read_text(encoding="utf-8").strip(),
        header={"format": {"const": portable.FORMAT}},
        left_out=portable.NOT_FOR_SERVING,
        nullable={Width: frozenset({"quantile"})},
    )
