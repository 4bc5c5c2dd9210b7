"""Curves, weights for any mask, intervals, support and effective votes; owns `Snapshot`."""
