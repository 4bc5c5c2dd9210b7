"""Content -> ballot."""
