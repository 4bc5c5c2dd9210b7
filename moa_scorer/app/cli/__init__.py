"""`moa-scorer`, the command line."""


def main() -> None:
    """Runs the command line."""
    from moa_scorer.app.cli.root import app

    app(prog_name="moa-scorer")
