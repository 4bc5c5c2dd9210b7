"""Builds everything from settings: the only room that knows all others."""
