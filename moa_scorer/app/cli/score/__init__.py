"""Commands that score texts: one, a file, or a job of many."""
