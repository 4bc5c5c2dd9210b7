"""Which judges to ask, and where to draw the line."""
