"""Judges that run in this process: detectors, local models and their weights."""
