"""Commands about jobs, run here or on a server."""
