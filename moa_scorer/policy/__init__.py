"""Verdict -> decision. Pure."""
