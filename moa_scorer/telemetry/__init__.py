"""The only room that names log events and owns the request context."""
