"""A study -> a snapshot with its certificate."""
