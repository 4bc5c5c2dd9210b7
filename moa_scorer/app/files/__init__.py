"""The catalogue on disk: YAML and snapshots, each kind read and checked by its own module."""
