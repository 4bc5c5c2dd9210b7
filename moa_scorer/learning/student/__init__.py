"""What the student of comments learns from, and its columns in tables of ratings."""
