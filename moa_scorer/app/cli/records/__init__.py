"""Commands about what was kept of scored items."""
