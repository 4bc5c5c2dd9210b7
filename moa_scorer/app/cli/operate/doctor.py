"""`moa-scorer doctor`."""

from typing import TYPE_CHECKING, Annotated

import typer

from moa_scorer.app.cli.exits import Exit
from moa_scorer.app.cli.options import CatalogDir, Config

if TYPE_CHECKING:
    from moa_scorer.app.finding import Finding

MARKS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "bad": ("✗", "red")}


def doctor(
    config: Config = None,
    catalog_dir: CatalogDir = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Ask each language model of the default panel for one word.")
    ] = False,
) -> None:
    """Says what is installed, what is missing and how to mend it.

    Looks at the interpreter, the packages, the model files, every judge and endpoint, settings and catalogue,
    the database and Redis, who is asked for what, TLS, and the addresses to serve on. Without
    [bold]--probe[/bold] no model is called. The exit status is 1 when something keeps a server from starting
    or the default panel from working in full.
    """
    import asyncio

    from rich.console import Console
    from rich.text import Text

    from moa_scorer.app.diagnosis import diagnose

    findings = asyncio.run(diagnose(config, catalog_dir, ask=probe))
    console = Console()
    for finding in findings:
        mark, colour = MARKS[finding.state]
        line = Text(f"{mark} ", colour) + Text(f"{finding.topic}: ", "bold") + Text(finding.words)
        console.print(line, soft_wrap=True)
        if finding.remedy:
            console.print(Text(f"    → {finding.remedy}", colour), soft_wrap=True)
    raise typer.Exit(_code(findings))


def _code(findings: "list[Finding]") -> Exit:
    return Exit.REJECTED if any(finding.state == "bad" for finding in findings) else Exit.OK
