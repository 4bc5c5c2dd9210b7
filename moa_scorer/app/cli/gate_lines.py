"""What a gate measured, in lines."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from moa_scorer.learning.loop.gate import Gate


def print_gate(found: "Gate") -> None:
    """Error and coverage of both snapshots on the audit, group by group, and why it is not a pass."""
    overall = found.overall
    typer.echo(f"gate: {found.outcome}")
    typer.echo(
        f"error {overall.before:.4f} → {overall.after:.4f} on {overall.items} items: "
        f"{overall.relative:+.1%}, at most {overall.bound(1):+.1%} with 90 % confidence"
    )
    typer.echo(
        f"intervals hold {found.covered} of {found.valid}; {found.band[0]} to {found.band[1]} is right"
    )
    for name, group in found.groups.items():
        typer.echo(f"{name}: {group.relative:+.1%} on {group.items} items")
    for reason in found.reasons:
        typer.echo(f"because {reason}")
