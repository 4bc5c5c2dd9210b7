"""One policy file by itself, outside any catalogue."""

from pathlib import Path

from moa_scorer.app.files.parts import Known
from moa_scorer.app.files.policies import PolicyFile
from moa_scorer.app.files.yaml_file import read_yaml
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.domain.policy import Policy


def read_policy(path: Path) -> Policy:
    """The policy; its criteria are not checked against rubrics. Raises ConfigurationError."""
    mistakes: list[str] = []
    found = read_yaml(path, PolicyFile, mistakes, Known())
    if found is None or mistakes:
        raise ConfigurationError(tuple(mistakes))
    return found.value()
