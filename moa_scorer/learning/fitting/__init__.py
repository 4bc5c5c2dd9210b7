"""A study -> a snapshot, and what it is worth."""
