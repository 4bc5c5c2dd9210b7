"""Where the settings keep model files."""

from pathlib import Path

from moa_scorer.app.settings import Settings
from moa_scorer.judges.local.models import ModelStore, default_directory


def model_store(settings: Settings) -> ModelStore:
    """The store of the settings' directory, with the files that the settings give by path."""
    directory = settings.models_dir or default_directory()
    own = {name: path.expanduser() for name, path in settings.model_files.items()}
    return ModelStore(directory=Path(directory).expanduser(), own=own)
