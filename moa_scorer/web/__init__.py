"""Edges over HTTP: metrics and probes."""
