"""`python -m moa_scorer.app.cli`."""

from moa_scorer.app.cli import main

main()
