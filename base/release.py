"""Which release this is: pyproject.toml says it, and nothing else does."""

import tomllib
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent / "pyproject.toml"

RELEASE: str = tomllib.loads(_FILE.read_text("utf-8"))["project"]["version"]
