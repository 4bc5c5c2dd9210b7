"""What the edges share: proto <-> domain, validation, the error table."""
