"""Model endpoints over HTTP: wire formats, limits, failures, money. Owns the `Model` port."""
