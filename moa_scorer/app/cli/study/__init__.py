"""Commands that read rated items with judges' scores: fit, measure, compare, report."""
