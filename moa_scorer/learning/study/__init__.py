"""Rated items with what judges said of them, as read from files in any of their forms."""
