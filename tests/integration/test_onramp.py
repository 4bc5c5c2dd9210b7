"""From unrated items with recorded ballots to a certificate: plan, rate in a real terminal, fit."""

import fcntl
import gzip
import json
import os
import pty
import struct
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from moa_scorer.app.cli.rating.session import in_blind_order
from moa_scorer.app.cli.root import app
from moa_scorer.calibration.files import read_snapshot
from moa_scorer.calibration.snapshot import OVERALL, Stage
from moa_scorer.learning.planning.candidates import Candidate, read_candidates
from moa_scorer.learning.planning.known import interval_widths
from moa_scorer.learning.planning.said import read_said
from moa_scorer.learning.study.files import read_studies
from moa_scorer.learning.study.ratings import RatedItem, read_ratings

CRITERIA = ("coherence", "consistency", "fluency", "relevance")
RATE = "from moa_scorer.app.cli import main; main()"


@pytest.fixture(scope="module")
def rated() -> dict[str, RatedItem]:
    """What people said of 400 summaries, by id."""
    data = Path(__file__).parents[1] / "data" / "summeval.jsonl.gz"
    return {item.id: item for item in read_ratings(data)[:400]}


@pytest.fixture(scope="module")
def folder(rated: Mapping[str, RatedItem], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same items without their ratings, and the embedded judges' ballots of them."""
    folder = tmp_path_factory.mktemp("onramp")
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        for item in rated.values():
            dataset, _, name = item.id.partition("/")
            line = {"dataset": dataset, "item_id": name, "group_id": item.group.partition("/")[2]}
            line |= {"kind": "summary", "content": item.text, "context": item.context}
            file.write(json.dumps(line) + "\n")
    ballots = Path(__file__).parents[1] / "data" / "ballots" / "summary.jsonl.gz"
    lines = gzip.decompress(ballots.read_bytes()).decode().splitlines(keepends=True)
    (folder / "ballots.jsonl").write_text("".join(k for k in lines if json.loads(k)["item"] in rated))
    return folder


def command(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def in_a_terminal(keys: str, *arguments: str | Path) -> str:
    """What the command shows on a terminal of 80 columns and 24 lines while somebody types."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-c", RATE, *map(str, arguments)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    shown, waiting = b"", keys.encode()
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # the command has ended, and its terminal with it
            break
        if waiting and b"item " in shown:
            waiting = waiting[os.write(terminal, waiting[:256]) :]
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown.decode()
    return shown.decode()


def keys_for(items: tuple[Candidate, ...], rated: Mapping[str, RatedItem], rater: str) -> str:
    """What a rater types who agrees with the people of the data set, each item after a slip and its undo."""
    keys = ""
    for item in in_blind_order(items, rater, 0):
        means = [rated[item.id].mean(c) or 0.0 for c in CRITERIA]
        keys += "1u" + "".join(str(round(1 + 4 * mean)) for mean in means)
    return keys


def test_a_hundred_items_lead_from_nothing_to_a_certificate(
    folder: Path, rated: Mapping[str, RatedItem]
) -> None:
    plan, ratings, ballots = folder / "plan.jsonl", folder / "ratings.jsonl", folder / "ballots.jsonl"
    told = command("plan-ratings", folder / "items.jsonl", "--ballots", ballots, "--out", plan)
    assert told.startswith("100 of 400 items that nobody has rated, from 25 of 25 groups: 5 drawn evenly")
    items = read_candidates(plan)

    # Half of it, a break, and the rest; the second rater only begins.
    typed = keys_for(items, rated, "ann")
    half = typed[: len(typed) // 2]
    rate = ("rate", plan, "--rubric", "summary", "--out", ratings)
    assert "50 rated now, 0 before, 50 left" in in_a_terminal(half + "q", *rate, "--rater", "ann")
    assert "50 rated now, 50 before, 0 left" in in_a_terminal(
        typed[len(half) :] + "q", *rate, "--rater", "ann"
    )
    assert "1 rated now, 0 before, 99 left" in in_a_terminal("4444q", *rate, "--rater", "bob")

    (study,) = read_studies(ratings)
    assert len(study.items) == 100
    assert {i.propensity for i in study.items if i.audit} == {5 / 400}
    assert [i.propensity for i in study.items if not i.audit] == pytest.approx([95 / 395] * 95)
    for item in study.items:
        assert item.ratings["fluency"][0] == round(1 + 4 * (rated[item.id].mean("fluency") or 0.0)) / 4 - 0.25

    fitted = command("fit", ballots, "--ratings", ratings, "--out", folder / "mine.json.gz")
    snapshot = read_snapshot(folder / "mine.json.gz")
    assert "5 audits, kept for the gate" in fitted
    assert (snapshot.items, snapshot.kinds) == (95, ("summary",))
    assert snapshot.stage is Stage.STACK
    assert [h.name for h in snapshot.heads] == [*CRITERIA, OVERALL]
    unseen = [c for c in read_candidates(folder / "items.jsonl") if c.id not in {i.id for i in items}][:40]
    certified = np.isfinite(interval_widths(unseen, read_said(ballots), snapshot))
    assert certified.mean() >= 0.9


def test_the_next_plan_leaves_out_what_is_rated(folder: Path) -> None:
    known = ("--ballots", folder / "ballots.jsonl", "--rated", folder / "ratings.jsonl")
    learnt = ("--snapshot", folder / "mine.json.gz", "--out", folder / "next.jsonl")

    told = command("plan-ratings", folder / "items.jsonl", *known, *learnt)

    assert told.startswith("25 of 300 items that nobody has rated")
    done = {c.id for c in read_candidates(folder / "plan.jsonl")}
    following = read_candidates(folder / "next.jsonl")
    assert not done & {c.id for c in following}
    assert {c.round for c in following} == {2}
    assert len({c.propensity for c in following if not c.audit}) > 1
