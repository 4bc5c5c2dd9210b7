"""Ratings -> snapshot, and honest evaluation of it. Never runs a judge itself."""
