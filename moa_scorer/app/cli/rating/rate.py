"""`moa-scorer rate`."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from moa_scorer.app.cli.exits import Exit, fail, told
from moa_scorer.app.cli.options import CatalogDir
from moa_scorer.app.cli.study.options import ContentColumn, GroupColumn, ItemColumn

if TYPE_CHECKING:
    from moa_scorer.app.cli.rating.file import Rater
    from moa_scorer.app.cli.rating.session import Session
    from moa_scorer.domain.rubric import Rubric
    from moa_scorer.learning.planning.candidates import Candidate, Keys

EXAMPLES: Final = """\
[bold]Examples[/bold]

  moa-scorer rate plan.jsonl --rubric summary --out ratings.jsonl

  moa-scorer rate posts.csv --content body --rubric ./helpful.yaml --rater ann

  moa-scorer fit ballots.jsonl --ratings ratings.jsonl --out mine.json.gz
"""

Items = Annotated[
    Path,
    typer.Argument(
        metavar="ITEMS",
        help="What to rate: a plan, what `score --jsonl` takes, a table, or a .txt file with a text a line.",
        show_default=False,
    ),
]
RubricName = Annotated[
    str, typer.Option("--rubric", "-r", help="What is asked: name, name@version, or a rubric's YAML file.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The ratings; a file that exists is gone on with.")]
RaterName = Annotated[str, typer.Option("--rater", help="Who rates. Default: the name you are logged in by.")]
Texts = Annotated[
    Path | None, typer.Option("--texts", help="Where ITEMS has ids only, as results have: the texts.")
]
Kind = Annotated[str, typer.Option("--kind", "-k", help="What the texts are, where the file does not say.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Another order of the items.")]


def rate(
    items: Items,
    rubric: RubricName,
    out: Out = Path("ratings.jsonl"),
    rater: RaterName = "",
    texts: Texts = None,
    item: ItemColumn = "",
    group: GroupColumn = "",
    content: ContentColumn = "",
    kind: Kind = "",
    seed: Seed = 0,
    catalog_dir: CatalogDir = None,
) -> None:
    """Rates texts in the terminal, blind: one by one, each criterion with its anchors, by single keys.

    No score of any judge or other person is shown, whatever the file holds. Every rater gets an order of
    their own. Each finished item is saved at once: quit when you like, the same command goes on where you
    stopped. The file is what `fit` and `evaluate` read; with a plan's chances in it when a plan was rated.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("rate needs a terminal: its keys are read one by one", Exit.USAGE)
    from moa_scorer.app.cli.rating.file import BadRatings, Rater, RatingsFile
    from moa_scorer.app.cli.rating.terminal import run

    with told():
        asked = _rubric(rubric, catalog_dir)
    who = Rater(name=rater or _login(), rubric=asked)
    try:
        wanted = _items(items, texts, content, {"item_id": item, "group_id": group})
        wanted = tuple(c if c.kind else replace(c, kind=kind or next(iter(asked.kinds), "")) for c in wanted)
        with RatingsFile(out, who) as file:
            done = run(_session(wanted, who, file.earlier, seed), file)
    except (BadRatings, ValueError) as error:
        fail(str(error), Exit.REJECTED)
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror}", Exit.REJECTED)
    _tell(done, out)


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "rater"


def _rubric(name: str, catalog_dir: Path | None) -> "Rubric":
    """The rubric of a file, or the newest of that name in the catalogue; raises ConfigurationError."""
    from moa_scorer.app.files.catalogue import read_rubric, read_rubrics

    if name.endswith((".yaml", ".yml")):
        return read_rubric(Path(name))
    rubrics = read_rubrics(catalog_dir)
    newest = {r.name: r for r in sorted(rubrics, key=lambda r: r.version)} | {r.revision: r for r in rubrics}
    if name not in newest:
        from moa_scorer.app.mistakes import did_you_mean

        fail(f"there is no rubric {name!r}{did_you_mean(name, {r.name for r in rubrics})}", Exit.REJECTED)
    return newest[name]


def _items(path: Path, texts: Path | None, content: str, keys: "Keys") -> "tuple[Candidate, ...]":
    from moa_scorer.learning.planning.candidates import read_candidates

    words = () if texts is None else read_candidates(texts, text=content)
    found = read_candidates(path, text=content, texts=words, keys=keys)
    if not found:
        raise ValueError(f"{path}: holds no items")
    return found


def _session(
    items: "Sequence[Candidate]", who: "Rater", earlier: "Mapping[str, float]", seed: int
) -> "Session":
    """What is left for this rater, in an order that depends on rater, seed and item alone."""
    import time

    from moa_scorer.app.cli.rating.questions import questions_of
    from moa_scorer.app.cli.rating.session import Session, in_blind_order

    return Session(
        questions=questions_of(who.rubric),
        items=in_blind_order([c for c in items if c.id not in earlier], who.name, seed),
        earlier=tuple(earlier[c.id] for c in items if c.id in earlier),
        opened=time.monotonic(),
    )


def _tell(done: "Session", out: Path) -> None:
    left = len(done.items) - len(done.finished)
    typer.echo(
        f"{len(done.finished)} rated now, {len(done.earlier)} before, {left} left. All of it is in {out}."
    )
    if left:
        typer.echo("next: the same command goes on where you stopped")
    else:
        typer.echo(f"next: moa-scorer fit BALLOTS --ratings {out} --out mine.json.gz")
