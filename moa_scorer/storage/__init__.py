"""What outlives a request: records, request ids, remembered answers, in SQLite, PostgreSQL and Redis."""
