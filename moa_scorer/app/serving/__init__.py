"""A server process: from settings to the last answered call, and what goes on beside the calls."""
