"""Snapshots (`.json.gz`) and reference quantiles (`.json`) on disk: same value, same bytes."""

import gzip
import json
import math
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeVar

from moa_scorer.calibration.decode import Undecodable, decode
from moa_scorer.calibration.reference import Reference
from moa_scorer.calibration.reference import document as reference_document
from moa_scorer.calibration.snapshot import FORMAT, OVERALL, Head, Snapshot, Stage, document
from moa_scorer.domain.errors import ConfigurationError

T = TypeVar("T", Snapshot, Reference)
REVISION = re.compile(r"[^@\x00]+@\d{1,9}")
"""`name@version`."""


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Writes the snapshot with its digest, compressed without a time."""
    path.write_bytes(gzip.compress(_text({**document(snapshot), "digest": snapshot.digest}), 9, mtime=0))


def read_snapshot(path: Path) -> Snapshot:
    """Reads and checks a snapshot; raises ConfigurationError with every mistake as `file: path: what`."""
    return _read(path, Snapshot, snapshot_mistakes)


def write_reference(reference: Reference, path: Path) -> None:
    """Writes the reference quantiles with their digest."""
    path.write_bytes(_text({**reference_document(reference), "digest": reference.digest}) + b"\n")


def read_reference(path: Path) -> Reference:
    """Reads and checks reference quantiles; raises ConfigurationError with every mistake."""
    return _read(path, Reference, reference_mistakes)


def snapshot_mistakes(snapshot: Snapshot) -> Iterator[str]:
    """What no single field shows: names, lengths and orders that must agree."""
    if not snapshot.kinds:
        yield "kinds: at least one is needed"
    if not math.isclose(math.fsum(snapshot.weights.values()), 1.0, abs_tol=1e-6):
        yield "weights: must sum to 1"
    if [h.name for h in snapshot.heads] != [*snapshot.weights, OVERALL]:
        yield f"heads: must be the criteria of `weights` in their order, then {OVERALL}"
    for k, column in enumerate(snapshot.columns):
        if len(column.knots) < 2 or not _rising(column.knots):
            yield f"columns[{k}].knots: at least two, strictly increasing"
        if column.spread <= 0:
            yield f"columns[{k}].spread: must be above zero"
    yield from _number_mistakes(snapshot)
    yield from _coin_mistakes(snapshot.heads)
    yield from _row_mistakes(snapshot)
    if snapshot.stage is not Stage.OFFSET:
        for i, head in enumerate(snapshot.heads):
            found = chain(_pull_mistakes(head, len(snapshot.columns)), _head_mistakes(head, snapshot))
            yield from (f"heads[{i}].{m}" for m in found)


def _number_mistakes(snapshot: Snapshot) -> Iterator[str]:
    """Names and numbers that serving would stumble over."""
    for field in ("rubric", "panel"):
        if not REVISION.fullmatch(getattr(snapshot, field)):
            yield f"{field}: expected name@version, found {getattr(snapshot, field)!r}"
    if not all(snapshot.kinds):
        yield "kinds: must not be empty words"
    if not 0 < snapshot.coverage < 1:
        yield f"coverage: must lie in (0, 1), found {snapshot.coverage:g}"
    for field in ("items", "raters"):
        if getattr(snapshot, field) <= 0:
            yield f"{field}: must be above zero"
    for judge, scale in snapshot.scales.items():
        if scale.low == scale.high:
            yield f"scales[{judge!r}]: its ends must differ"
    if len({column.name for column in snapshot.columns}) < len(snapshot.columns):
        yield "columns: names must be unique"


def _coin_mistakes(heads: Sequence[Head]) -> Iterator[str]:
    for i, head in enumerate(heads):
        if any(coin < 0 for coin in head.coins.values()):
            yield f"heads[{i}].coins: must be at least zero"


def reference_mistakes(reference: Reference) -> Iterator[str]:
    """Quantiles and ranks that do not fit together."""
    if set(reference.quantiles) != set(reference.ranks):
        yield "ranks: must have the columns of `quantiles`"
    for column, knots in reference.quantiles.items():
        ranks = reference.ranks.get(column, ())
        if len(knots) < 2 or not _rising(knots):
            yield f"quantiles[{column!r}]: at least two, strictly increasing"
        if len(ranks) != len(knots) or not all(0 <= r <= 1 for r in ranks):
            yield f"ranks[{column!r}]: one in [0, 1] for each quantile"


def _row_mistakes(snapshot: Snapshot) -> Iterator[str]:
    rows, count = snapshot.rows, len(snapshot.rows.values)
    if any(len(row) != len(snapshot.columns) for row in rows.values):
        yield f"rows.values: every item needs {len(snapshot.columns)} values, one a column"
    lengths = {"folds": len(rows.folds), "groups": len(rows.groups)}
    if rows.weights:
        lengths["weights"] = len(rows.weights)
    lengths |= {f"targets[{h.name!r}]": len(rows.targets.get(h.name, ())) for h in snapshot.heads}
    for name, length in lengths.items():
        if length != count:
            yield f"rows.{name}: {length} entries for {count} items"
    if any(w <= 0 for w in rows.weights):
        yield "rows.weights: must be above zero"
    if any(not 0 <= y <= 1 for target in rows.targets.values() for y in target):
        yield "rows.targets: must lie in [0, 1]"
    if not count and snapshot.stage is not Stage.OFFSET:
        yield "rows.values: at least one item is needed"


def _pull_mistakes(head: Head, columns: int) -> Iterator[str]:
    kernel = head.kernel
    if kernel and not (kernel.reach > 0 and kernel.pull > 0 and kernel.measures >= 0):
        yield "kernel: reach and pull must be above zero, measures at least zero"
    if kernel and not all(0 <= k < columns for k in kernel.left_out):
        yield "kernel.left_out: positions in `columns`"
    if head.equal_pull < 0 or (head.line_pull or 0) < 0:
        yield "equal_pull, line_pull: must be at least zero"


def _head_mistakes(head: Head, snapshot: Snapshot) -> Iterator[str]:
    if not all(0 <= k < len(snapshot.columns) for k in head.used) or not _rising(head.used):
        yield "used: ascending positions in `columns`"
        return
    if not all(0 <= k < len(snapshot.columns) for k in head.lines) or not _rising(head.lines):
        yield "lines: ascending positions in `columns`"
    if not head.ratings or not _rising(head.ratings) or len(head.ranks) != len(head.ratings):
        yield "ratings: strictly increasing, with a rank each"
    if not all(0 <= rank <= 1 for rank in (*head.ranks, head.start)):
        yield "ranks, start: must lie in [0, 1]"
    sizes = [len(snapshot.columns[k].knots) for k in head.used]
    if len(head.centres) != len(sizes):
        yield "centres: one for each used column"
    if [len(c) for c in head.curves] != sizes:
        yield "curves: one value for each knot of each used column"
    if any([len(c) for c in fold] != sizes for fold in head.fold_curves):
        yield "fold_curves: one value for each knot of each used column, in every fold"
    if any(not 0 <= f < len(head.fold_curves) for f in snapshot.rows.folds):
        yield "fold_curves: one entry for each fold of `rows.folds`"
    side = len(sizes) + len(head.lines) + 2
    if head.moments and (
        len(head.moments) != len(head.fold_curves)
        or any([len(row) for row in fold] != [*range(1, side + 1)] for fold in head.moments)
    ):
        yield f"moments: the lower triangle of {side} x {side} numbers for each fold"


def _read(path: Path, kind: type[T], check: Callable[[T], Iterator[str]]) -> T:
    try:
        plain = json.loads(_bytes(path))
        value = decode(kind, _without_header(plain))
    except Undecodable as error:
        raise _wrong(path, error.mistakes) from None
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        # ValueError: not UTF-8, not JSON, or a number of thousands of digits; too deep is a RecursionError.
        raise _wrong(path, (f"cannot be read: {error}",)) from None
    mistakes = tuple(check(value))
    if not mistakes and plain.get("digest") != value.digest:
        mistakes = ("digest: does not match the content; the file was changed after it was written",)
    if mistakes:
        raise _wrong(path, mistakes)
    return value


def _bytes(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def _without_header(plain: Any) -> Any:
    if not isinstance(plain, dict):
        raise Undecodable(("expected a JSON object",))
    if plain.get("format") != FORMAT:
        raise Undecodable((f"format: expected {FORMAT}, found {plain.get('format')!r}",))
    return {k: v for k, v in plain.items() if k not in ("format", "digest")}


def _wrong(path: Path, mistakes: tuple[str, ...]) -> ConfigurationError:
    return ConfigurationError(tuple(f"{path}: {m}" for m in mistakes))


def _text(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _rising(numbers: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(numbers))
