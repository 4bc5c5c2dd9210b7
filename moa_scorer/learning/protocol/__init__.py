"""The protocol: every method on the same splits of a study, figures with intervals, and what to do."""
