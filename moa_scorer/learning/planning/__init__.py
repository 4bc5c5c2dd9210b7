"""Which items people rate next."""
