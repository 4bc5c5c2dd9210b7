"""Ballots + snapshot -> verdict, with its rationale. Pure."""
