"""Part (a): a dozen texts that anybody can judge at a glance."""

import json
from pathlib import Path
from typing import Any

from deploy.demo.show import certificate_of, console, heading, quote_of, score_of, table
from moa_scorer.client import Client, Item, NotScored, Result

ITEMS = Path(__file__).with_name("items.jsonl")


def read_items() -> list[dict[str, Any]]:
    """The texts with their labels; `repeat_to_bytes` makes a long one."""
    items = [json.loads(line) for line in ITEMS.read_text(encoding="utf-8").splitlines()]
    for item in items:
        if size := item.pop("repeat_to_bytes", 0):
            item["text"] = (item["text"] + "\n\n") * (size // (len(item["text"].encode()) + 2))
    return items


def show(client: Client) -> None:
    """Scores each under the rubric `general`, which nobody has rated for: an ordering."""
    heading(
        "a",
        "hand-picked",
        "Twelve texts, best first, by the rubric `general`. Nobody has rated texts for it, so each row\n"
        "is an ordering and says so. The last column is one quote that the score rests on.",
    )
    items = read_items()
    results = {i["label"]: client.score(_item(i, "general"), view="ballots") for i in items}
    _ordering(results)
    console.print()
    console.print("The comments among them again by the rubric `comment`, which people did rate for:\n")
    comments = [i for i in items if i["kind"] == "comment"]
    _ordering({i["label"]: client.score(_item(i, "comment"), view="ballots") for i in comments})


def _item(item: dict[str, Any], rubric: str) -> Item:
    return Item(text=item["text"], kind=item["kind"], context=item.get("context", ""), rubric=rubric)


def _ordering(results: dict[str, Result]) -> None:
    rows = table("text", ">score", "certificate", ">judges", "evidence")
    ranked = sorted(results.items(), key=lambda r: r[1].score if r[1].is_scored else -1.0, reverse=True)
    for label, result in ranked:
        judges = f"{result.answered}/{result.planned}"
        evidence = quote_of(result, masked=label == "abuse") if result.is_scored else _why(result)
        rows.add_row(label, score_of(result), certificate_of(result), judges, evidence)
    console.print(rows)


def _why(result: Result) -> str:
    if not isinstance(result.outcome, NotScored):
        return ""
    return ", ".join(f"{a.judge}: {a.reason}" for a in result.outcome.abstentions)
