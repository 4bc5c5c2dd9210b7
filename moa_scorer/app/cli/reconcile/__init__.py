"""Commands that give the verdict on ballots of one's own judges."""
