"""Bulk: jobs over files of items, and over stored records."""
