"""Commands by which people rate, and hand ratings in."""
