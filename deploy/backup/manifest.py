"""What a backup consists of; a folder without a whole manifest is none."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.environment import write_private

NAME = "manifest.json"
FORMAT = 1


class BadBackup(RuntimeError):
    """The folder is not a backup, or not a whole one; nothing was changed."""


@dataclass
class Manifest:
    """When, of what, and the digest of every file."""

    taken_at: str
    encrypted: bool
    sides: dict[str, dict[str, Any]]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Take every file's digest, then write; last of all."""
        for path in sorted(folder.iterdir()):
            if path.name != NAME:
                self.files[path.name] = {"sha256": digest(path), "bytes": path.stat().st_size}
        write_private(folder / NAME, json.dumps(asdict(self), indent=1) + "\n")


def read(folder: Path) -> Manifest:
    """The manifest of a folder whose every file is as it was written."""
    try:
        manifest = Manifest(**json.loads((folder / NAME).read_text()))
    except FileNotFoundError:
        raise BadBackup(f"{folder} has no {NAME}: it is no backup, or one that was broken off.") from None
    except (ValueError, TypeError) as error:
        raise BadBackup(f"{folder / NAME} cannot be read: {error}") from None
    if manifest.format != FORMAT:
        raise BadBackup(f"The backup has format {manifest.format}; this version reads {FORMAT}.")
    for name, facts in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise BadBackup(f"{name} is missing.")
        if digest(path) != facts["sha256"]:
            raise BadBackup(f"{name} is not what was written: its digest differs.")
    return manifest


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
