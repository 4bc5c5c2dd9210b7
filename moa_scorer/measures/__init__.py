"""Facts of the text, each a small pure function."""
